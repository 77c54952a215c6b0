# The libraries we stand on. Of those that are not header-only nothing is linked whose name moves between releases of a
# distribution: fmt and spdlog are compiled into our own files, so that a plugin that was built on Debian 12 loads on 13.
find_package(Boost 1.74 REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
# Headers alone, and of no package that cmake finds everywhere.
find_path(DTL_INCLUDE_DIR dtl/dtl.hpp REQUIRED)
find_path(UTF8_INCLUDE_DIR utf8.h PATH_SUFFIXES utf8cpp REQUIRED)
foreach(name DTL UTF8)
  string(TOLOWER ${name} library)
  add_library(${library} INTERFACE)
  target_include_directories(${library} SYSTEM INTERFACE ${${name}_INCLUDE_DIR})
endforeach()
find_path(FMT_INCLUDE_DIR fmt/format-inl.h REQUIRED)
find_path(SPDLOG_INCLUDE_DIR spdlog/spdlog-inl.h REQUIRED)

# shstore_compiled NAME FOLDER: a static library of ours from cmake/NAME.cpp, known as NAME::NAME.
function(shstore_compiled name)
  add_library(shstore_${name} STATIC ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${name}.cpp)
  target_include_directories(shstore_${name} SYSTEM PUBLIC ${ARGN})
  target_compile_options(shstore_${name} PRIVATE -w)
  add_library(${name}::${name} ALIAS shstore_${name})
endfunction()

set(fmt_versions_known 9 10)
foreach(header base.h core.h)  # where FMT_VERSION is: base.h from 11 on
  if(NOT fmt_version AND EXISTS ${FMT_INCLUDE_DIR}/fmt/${header})
    file(STRINGS ${FMT_INCLUDE_DIR}/fmt/${header} fmt_version REGEX "#define FMT_VERSION [0-9]+")
  endif()
endforeach()
string(REGEX REPLACE ".*FMT_VERSION ([0-9]+).*" "\\1" fmt_version "${fmt_version}")
math(EXPR fmt_major "${fmt_version} / 10000")
if(fmt_major IN_LIST fmt_versions_known)
  shstore_compiled(fmt ${FMT_INCLUDE_DIR})
else()
  message(STATUS "fmt ${fmt_major} is compiled in every file that uses it, which takes longer: cmake/fmt.cpp knows ${fmt_versions_known}")
  add_library(shstore_fmt INTERFACE)
  target_include_directories(shstore_fmt SYSTEM INTERFACE ${FMT_INCLUDE_DIR})
  target_compile_definitions(shstore_fmt INTERFACE FMT_HEADER_ONLY)
  add_library(fmt::fmt ALIAS shstore_fmt)
endif()

shstore_compiled(spdlog ${SPDLOG_INCLUDE_DIR})
target_compile_definitions(shstore_spdlog PUBLIC SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
target_link_libraries(shstore_spdlog PUBLIC fmt::fmt Threads::Threads)

# Third-party headers are system headers: our warnings are about our code only.
foreach(lib nlohmann_json::nlohmann_json tl::expected CLI11::CLI11)
  get_target_property(dirs ${lib} INTERFACE_INCLUDE_DIRECTORIES)
  set_target_properties(${lib} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${dirs}")
endforeach()
