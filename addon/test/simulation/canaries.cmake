# Planted bugs: for each, a copy of one source of the reactor in which `from` has become `to`, in a
# program that is the simulation otherwise. One that the simulation does not catch says that the
# model is blind there. The reactor itself knows nothing of this.
set(CANARIES)
function(canary name file from to)
  file(READ ${HOLDFAST_SRC}/${file} text)
  string(FIND "${text}" "${from}" at)
  string(FIND "${text}" "${from}" last REVERSE)
  if(at EQUAL -1 OR NOT at EQUAL last)
    message(FATAL_ERROR "The canary ${name} is to change one place of ${file}: ${from}")
  endif()
  string(REPLACE "${from}" "${to}" text "${text}")
  set(planted ${CMAKE_CURRENT_BINARY_DIR}/canaries/${name}.cc)
  # Written only when it differs, so that nothing is compiled again without need.
  set(present "")
  if(EXISTS ${planted})
    file(READ ${planted} present)
  endif()
  if(NOT present STREQUAL text)
    file(WRITE ${planted} "${text}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${HOLDFAST_SRC}/${file})
  set(others ${SIMULATED_SOURCES})
  list(REMOVE_ITEM others ${HOLDFAST_SRC}/${file})
  list(TRANSFORM others REPLACE "^${HOLDFAST_SRC}/(.*)$"
    "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/simulated_reactor.dir/__/__/src/\\1${CMAKE_CXX_OUTPUT_EXTENSION}")
  set_source_files_properties(${others} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  add_executable(canary-${name} ${planted} ${others})
  add_dependencies(canary-${name} simulated_reactor)
  target_compile_options(canary-${name} PRIVATE -fno-exceptions -fno-rtti)
  target_link_libraries(canary-${name} PRIVATE simulation_parts)
  set(CANARIES ${CANARIES} ${name} PARENT_SCOPE)
endfunction()

canary(closed-twice reactor/ending.cc "  retiring_.push_back(slot);"
  "  retiring_.push_back(slot);\n  if (completions_.HasRoom()) completions_.Push(CompletionKind::kClosed, slot, generation, static_cast<uint32_t>(connection.reason), 0, payload, kEvidenceBytes);")
canary(byte-lost-at-partial-send reactor/transfer.cc
  "    queue.Consume(static_cast<size_t>(sent));"
  "    queue.Consume(static_cast<size_t>(sent) + (static_cast<size_t>(sent) < offered ? 1 : 0));")
canary(slot-reused-in-batch reactor/ending.cc "  retiring_.push_back(slot);"
  "  retiring_.push_back(slot);\n  Retire();")
canary(drain-forgotten reactor/transfer.cc "  connection.drain_due = true;"
  "  connection.drain_due = !connection.paused;")
canary(judged-before-receiving reactor/reactor.cc "  LookAtClocks();"
  "  JudgeDeadlines();\n  LookAtClocks();")
canary(deadline-early reactor/deadlines.cc "  if (next.in_ms > 0) return ArmDeadline(connection);"
  "  if (next.in_ms > 30) return ArmDeadline(connection);")
canary(deadline-late reactor/deadlines.cc
  "  if (connection.deadline.armed && connection.deadline.deadline_tick <= tick) return;"
  "  if (connection.deadline.armed) return;")
canary(reply-not-armed reactor/deadlines.cc
  "  connection.activity.beat_unanswered = false;\n  // The next"
  "  connection.activity.beat_unanswered = false;\n  return;\n  // The next")
canary(beat-told-again reactor/ending.cc "    connection.beat_due = false;" "")
canary(ended-behind-the-host reactor/deadlines.cc
  "      AskToEnd(connection, DisconnectReason::kLifetime);"
  "      End(connection, DisconnectReason::kLifetime);")
canary(ending-dropped-when-full reactor/ending.cc
  "    if (!completions_.HasRoom()) return false;\n    completions_.Push(CompletionKind::kEnding"
  "    if (!completions_.HasRoom()) return true;\n    completions_.Push(CompletionKind::kEnding")
canary(never-leaves reactor/ending.cc "    Left(*connection.listener, connection);" "")
canary(fin-before-bytes reactor/ending.cc
  "  if (connection.queue == nullptr) SendFin(connection);" "  SendFin(connection);")
canary(pause-ignored reactor/transfer.cc "  io_->Pause(connection.socket);" "")
canary(refusal-told-twice reactor/admitting.cc "      listener.refused[cause] = 0;\n" "")
canary(socket-leaked-at-stop reactor/reactor.cc "    io_->Close(connection.socket, false);" "")
canary(end-dropped-when-full reactor/ending.cc
  "    if (!completions_.HasRoom()) return false;\n    completions_.Push(CompletionKind::kEnd,"
  "    if (!completions_.HasRoom()) return true;\n    completions_.Push(CompletionKind::kEnd,")
canary(stale-generation-served reactor/transfer.cc
  "  Connection* connection = connections_.Find(id);\n"
  "  Connection* connection = connections_.Find(id);\n  for (uint32_t g = id.generation; connection == nullptr && g < id.generation + 3; ++g) connection = connections_.Find({id.slot, g});\n")
canary(death-overlooked reactor/looks.cc
  "    if (const int error = platform::TakeError(connection.socket.fd)) return Fail(connection, error);"
  "    (void)platform::TakeError(connection.socket.fd);")
canary(reply-judged-unread reactor/transfer.cc
  "  connection.activity.read_ms = connection.activity.beat_ms = ActivityNowMs();"
  "  connection.activity.read_ms = ActivityNowMs();")
canary(throttle-ignored reactor/throttling.cc "  StopReading(connection);" "")
canary(released-late reactor/throttling.cc "NowMs() + wait_ms" "NowMs() + 2 * wait_ms")
canary(pings-forgiven reactor/throttling.cc
  "  if (intakes_->At(connection.socket.id.slot).Pinged"
  "  if (connection.throttled || intakes_->At(connection.socket.id.slot).Pinged")
canary(host-resumes-throttled reactor/transfer.cc
  "  if (connection.paused || connection.throttled) return;" "  if (connection.paused) return;")

# Queues.
canary(queued-miscounted reactor/transfer.cc
  "  queued_bytes_[slot] -= static_cast<uint32_t>(bytes);"
  "  queued_bytes_[slot] -= static_cast<uint32_t>(bytes) - (bytes > 1000);")
canary(broadcast-overtakes reactor/queueing.cc "  Flush();\n  {\n" "  {\n")
canary(queues-unlimited reactor/queueing.cc
  "if (limit == 0 || listener.queue_memory.bytes <= limit) return;" "if (true) return;")
canary(queues-ended-in-vain reactor/queueing.cc
  "return limit - limit / 8;" "return limit / 8;")
canary(queues-held-after-end reactor/ending.cc
  "  if (connection.queue) connection.queue->Abandon();\n" "")

# Listeners.
canary(refusals-lost-at-close reactor/arrivals.cc
  "  if (std::all_of(listener.refused.begin(), listener.refused.end(), told)) {"
  "  if (told(0)) {")
canary(closed-listener-kept reactor/ending.cc "  ForgetIfDone(listener);" "")
canary(host-suspension-lifted reactor/admitting.cc
  "  listener.suspended &= ~cause;" "  listener.suspended = 0;")
canary(door-stays-shut reactor/admitting.cc "      return Resume(listener, kByLimit);" "      return;")
canary(door-shut-without-slot reactor/arrivals.cc
  "      ReopenDoor(listener);\n    }\n    Refuse" "    }\n    Refuse")
canary(keepalive-not-set reactor/arrivals.cc
  "  if (!listener.SetsPerSocket()) return;" "  if (!listener.options.inherit) return;")
canary(arrival-uncounted reactor/arrivals.cc "  ++listener.arrived;\n" "")
canary(drained-in-front-of-somebody reactor/draining.cc
  "  return !io_->HasArrival(listener.id);" "  return true;")
canary(grace-cut-short reactor/draining.cc
  "  if (!listener.starts_handshakes && !listener.last_call) return false;\n" "")
canary(grace-forgotten reactor/draining.cc "      RetryAt(*listener.grace_over_ms);\n" "")
canary(shed-while-draining reactor/arrivals.cc
  "listener.state == ListenerState::kDraining && !listener.last_call;" "false;")
canary(drained-behind-data reactor/reactor.cc
  "  ReportDrained();\n  io_->Collect();\n  io_->Receive();\n"
  "  io_->Collect();\n  io_->Receive();\n  ReportDrained();\n")

# Clients behind proxies.
canary(header-never-late reactor/arrivals.cc
  "  connection.unopened ? ArmHeaderDeadline(connection) : ArmDeadline(connection);"
  "  if (!connection.unopened) ArmDeadline(connection);")
canary(proxy-limited-for-its-clients reactor/proxying.cc
  "connection.socket.handle, connection.peer};" "connection.socket.handle, proxy};")
canary(byte-lost-behind-header reactor/proxying.cc
  "if (rest > 0) HandOver(connection, payload + kOpenPeerBytes + header.bytes, rest);"
  "if (rest > 1) HandOver(connection, payload + kOpenPeerBytes + header.bytes + 1, rest - 1);")
canary(header-of-another reactor/proxying.cc "  partial_headers_.erase(slot);\n" "")
canary(headers-without-number reactor/proxying.cc
  "headers_awaited >= AwaitedMost(listener)" "headers_awaited > AwaitedMost(listener)")
canary(drained-in-front-of-header reactor/draining.cc
  "return listener.headers_awaited == 0 && IsDoorEmpty(listener);"
  "return IsDoorEmpty(listener);")
canary(header-outstays-the-grace reactor/draining.cc "      HastenHeaders(listener);\n" "")

# Peers that vanish, and those that do not.
canary(look-not-repeated reactor/looks.cc
  "      return LookWithin(connection, look.after_ms);" "      return;")
canary(fin-unwatched reactor/ending.cc
  "  connection.fin_sent = true;\n  WatchLiveness(connection);" "  connection.fin_sent = true;")
canary(heard-by-late-bytes reactor/transfer.cc
  "  NoteHeard(connection);" "  connection.last_heard_ms = NowMs();\n  NoteHeard(connection);")
canary(new-question-counts reactor/looks.cc
  "static_cast<uint8_t>(look.unanswered);" "look.unanswered == 0 ? 0 : 2;")
canary(silence-alone-decides reactor/looks.cc
  "    case Look::Verdict::kLookAgain:"
  "    case Look::Verdict::kLookAgain:\n      if (tcp.silent_ms() > connection.detection_ms) return Close(connection, DisconnectReason::kNone, -UV_ETIMEDOUT, true);")
canary(clock-closes-in-order reactor/looks.cc
  "said != 0 ? said : -UV_ETIMEDOUT, true);" "said != 0 ? said : -UV_ETIMEDOUT, false);")
canary(late-fin-blamed net/evidence.cc
  "connection.fin_sent && !connection.fin_failed" "connection.fin_sent")
