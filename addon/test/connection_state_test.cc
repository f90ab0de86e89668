#include <doctest/doctest.h>

#include "net/connection.h"

using holdfast::CanMove;
using holdfast::Connection;
using State = holdfast::ConnectionState;

TEST_CASE("connection state: forward only, and closed only after closing") {
  constexpr State kStates[] = {State::kOpen, State::kDraining, State::kClosing, State::kClosed};
  constexpr bool kAllowed[4][4] = {
      // open draining closing closed
      {false, true, true, false},    // from open
      {false, false, true, false},   // from draining
      {false, false, false, true},   // from closing
      {false, false, false, false},  // from closed
  };
  for (int from = 0; from < 4; ++from) {
    for (int to = 0; to < 4; ++to) {
      CAPTURE(from);
      CAPTURE(to);
      CHECK(CanMove(kStates[from], kStates[to]) == kAllowed[from][to]);
    }
  }
}

TEST_CASE("connection state: only closing and closed count as closing") {
  Connection connection;
  CHECK(connection.state == State::kOpen);
  CHECK_FALSE(connection.IsClosing());
  connection.state = State::kDraining;
  CHECK_FALSE(connection.IsClosing());
  connection.state = State::kClosing;
  CHECK(connection.IsClosing());
  connection.state = State::kClosed;
  CHECK(connection.IsClosing());
}

TEST_CASE("connection: one of very many, so it stays small") {
  CHECK(sizeof(Connection) <= 200);
}
