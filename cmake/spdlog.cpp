// spdlog, compiled once from its installed headers (see cmake/fmt.cpp for why), with the sinks that the programs use.
#include <spdlog/spdlog-inl.h>

#include <mutex>
#include <spdlog/common-inl.h>
#include <spdlog/details/backtracer-inl.h>
#include <spdlog/details/file_helper-inl.h>
#include <spdlog/details/log_msg-inl.h>
#include <spdlog/details/log_msg_buffer-inl.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/os-inl.h>
#include <spdlog/details/periodic_worker-inl.h>
#include <spdlog/details/registry-inl.h>
#include <spdlog/logger-inl.h>
#include <spdlog/pattern_formatter-inl.h>
#include <spdlog/sinks/ansicolor_sink-inl.h>
#include <spdlog/sinks/base_sink-inl.h>
#include <spdlog/sinks/basic_file_sink-inl.h>
#include <spdlog/sinks/sink-inl.h>
#include <spdlog/sinks/stdout_color_sinks-inl.h>
#include <spdlog/sinks/stdout_sinks-inl.h>

namespace spdlog {

using details::console_mutex;
using details::console_nullmutex;

template class sinks::base_sink<std::mutex>;
template class sinks::base_sink<details::null_mutex>;
template class sinks::basic_file_sink<std::mutex>;
template class sinks::basic_file_sink<details::null_mutex>;
template class sinks::stdout_sink_base<console_mutex>;
template class sinks::stdout_sink_base<console_nullmutex>;
template class sinks::stderr_sink<console_mutex>;
template class sinks::stderr_sink<console_nullmutex>;
template class sinks::ansicolor_sink<console_mutex>;
template class sinks::ansicolor_stdout_sink<console_mutex>;
template std::shared_ptr<logger> stderr_logger_st<synchronous_factory>(const std::string&);
template std::shared_ptr<logger> stdout_color_mt<synchronous_factory>(const std::string&, color_mode);

}  // namespace spdlog
