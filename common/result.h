#pragma once

#include <fmt/format.h>

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace mail_relay {

/// Why something expected to be possible was not: what was attempted, on what, and the reason.
/// Made by failed() alone, so that Result<std::string> cannot mistake a text for an error.
class Error {
  public:
    Error() = default;  // what error() of a success returns; Boost asks for it

    const std::string &message() const { return message_; }

  private:
    explicit Error(std::string message, int /*not a conversion*/) : message_(std::move(message)) {}

    template <class... Arguments>
    friend Error failed(fmt::format_string<Arguments...> text, Arguments &&...arguments);

    std::string message_;
};

/// `return failed("cannot open {}: {}", path, reason);`
template <class... Arguments>
Error failed(fmt::format_string<Arguments...> text, Arguments &&...arguments) {
    return Error(fmt::format(text, std::forward<Arguments>(arguments)...), 0);
}

/// value() on a failed Result is a bug, hence an exception. Found by Boost through the argument.
[[noreturn]] inline void throw_exception_from_error(const Error &error,
                                                    const boost::source_location & /*where*/) {
    throw std::logic_error(error.message());
}

/// A value, or the Error that kept it from being had.
template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace mail_relay
