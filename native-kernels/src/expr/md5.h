// MD5 (RFC 1321), for the SQL function of that name. Not for anything that must be secure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rowtine::expr {

std::array<uint8_t, 16> md5(std::string_view bytes);

}  // namespace rowtine::expr
