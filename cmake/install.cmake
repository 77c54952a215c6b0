# Where the programs go, and whose they are.
#
# As the white paper has it, storage-ctl and shstore-changer lie in Bacula's folder of scripts with their settings. A
# distribution wants programs in a folder of PATH: with SHSTORE_PROGRAMS_DIR they go there, the folder of scripts has links to
# them, and the settings are left to the package (packaging/).
set(SHSTORE_PROGRAMS_DIR "" CACHE STRING "where a package puts storage-ctl and shstore-changer (/usr/sbin); empty: SHSTORE_SCRIPTS_DIR")
cmake_path(ABSOLUTE_PATH SHSTORE_SCRIPTS_DIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE shstore_scripts_dir)
cmake_path(ABSOLUTE_PATH SHSTORE_PLUGIN_DIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE shstore_plugin_dir)

# What root runs must not be writable by the daemon's user, so its owner is root; the daemon has it by its group, tape. Where
# there is no such group, or somebody else than root installs, the file stays readable and executable by everybody.
function(shstore_for_group_tape path mode)
  install(CODE "
    execute_process(COMMAND chgrp tape \"\$ENV{DESTDIR}${path}\" RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
    if(NOT refused)
      execute_process(COMMAND chmod ${mode} \"\$ENV{DESTDIR}${path}\")
    endif()")
endfunction()

# A program that Bacula's configuration names.
function(shstore_install_script_program target)
  if(SHSTORE_PROGRAMS_DIR)
    install(TARGETS ${target} RUNTIME DESTINATION ${SHSTORE_PROGRAMS_DIR})
    install(CODE "
      file(MAKE_DIRECTORY \"\$ENV{DESTDIR}${shstore_scripts_dir}\")
      file(CREATE_LINK \"${SHSTORE_PROGRAMS_DIR}/${target}\" \"\$ENV{DESTDIR}${shstore_scripts_dir}/${target}\" SYMBOLIC)")
  else()
    install(TARGETS ${target} RUNTIME DESTINATION ${SHSTORE_SCRIPTS_DIR})
    shstore_for_group_tape(${shstore_scripts_dir}/${target} 0750)
  endif()
endfunction()

# Its settings, which an administrator changes: never overwritten. In them the paths of a Bacula under /opt are put right.
function(shstore_install_settings file mode)
  cmake_path(GET file FILENAME name)
  set(configured ${CMAKE_CURRENT_BINARY_DIR}/${name})
  file(READ ${file} text)
  if(shstore_scripts_dir MATCHES "^/opt/bacula/")
    string(REPLACE "/etc/bacula/scripts/" "${shstore_scripts_dir}/" text "${text}")
    string(REPLACE "/etc/bacula/" "/opt/bacula/etc/" text "${text}")
  endif()
  file(WRITE ${configured} "${text}")
  if(SHSTORE_PROGRAMS_DIR)
    install(FILES ${configured} DESTINATION share/shstore)
    return()
  endif()
  install(CODE "
    set(conf \"\$ENV{DESTDIR}${shstore_scripts_dir}/${name}\")
    if(EXISTS \"\${conf}\")
      message(STATUS \"Kept: \${conf}\")
    else()
      file(INSTALL \"${configured}\" DESTINATION \"${shstore_scripts_dir}\" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
      execute_process(COMMAND chgrp tape \"\${conf}\" RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
      execute_process(COMMAND chmod ${mode} \"\${conf}\")
      if(refused)
        message(STATUS \"Group tape could not be given \${conf}: the user that runs bacula-sd must be able to read it\")
      endif()
    endif()")
endfunction()

# shstore_install_page PAGE...: man pages of docs/
function(shstore_install_page)
  foreach(page ${ARGN})
    string(REGEX REPLACE ".*\\." "" section ${page})
    install(FILES ${PROJECT_SOURCE_DIR}/docs/${page} DESTINATION share/man/man${section})
  endforeach()
endfunction()
