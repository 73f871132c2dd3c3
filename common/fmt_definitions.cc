// The one place that compiles {fmt}. Its header-only form costs every source file six seconds of
// compiling, and Debian has no archive of it that a program without shared libraries could take.
#include <fmt/format-inl.h>

#include <locale>

namespace fmt {
inline namespace v9 {
namespace detail {

// What <fmt/format.h> declares and leaves to the library.
template locale_ref::locale_ref(const std::locale &locale);
template std::locale locale_ref::get<std::locale>() const;
template thousands_sep_result<char> thousands_sep_impl(locale_ref);
template char decimal_point_impl(locale_ref);
template void buffer<char>::append(const char *, const char *);
template void vformat_to(buffer<char> &, string_view, basic_format_args<buffer_context<char>>,
                         locale_ref);
template dragonbox::decimal_fp<float> dragonbox::to_decimal(float) noexcept;
template dragonbox::decimal_fp<double> dragonbox::to_decimal(double) noexcept;

}  // namespace detail
}  // namespace v9
}  // namespace fmt
