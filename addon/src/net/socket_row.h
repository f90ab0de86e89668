#pragma once

#include <cstdint>
#include <span>

#include "base/ids.h"
#include "net/evidence.h"
#include "platform/socket_table.h"

namespace holdfast {

// Lays out a socket for the host, as queues/record.h says.

// A connection of ours. `row` is null where its socket was not found in the kernel's table.
void WriteConnectionRow(ConnectionId id, const Evidence& evidence,
                        const platform::SocketTableRow* row, std::span<double> words);

// A socket of any process.
void WriteForeignRow(const platform::SocketTableRow& row, std::span<double> words);

}  // namespace holdfast
