// What a failing row does: it ends a statement; in a step it fails its instance and nobody else.
#include <algorithm>

#include "program/interpreter.h"
#include "program/message.h"

namespace rowtine::program {

// Takes the errors of the batch's rows. Returns: rows that go on. A statement's rows before the
// first failure go on, because one of them may fail in a later instruction, and would have done so
// first had rows come one by one.
uint32_t Execution::Impl::settle_errors(size_t position, uint32_t count) {
  if (!errors_.any) return count;
  errors_.any = false;
  const Register ordinal = is_step() ? ordinal_before(position) : kNone;
  const Vector* ordinals = ordinal == kNone ? nullptr : &registers_[static_cast<size_t>(ordinal)];
  uint32_t going_on = count;
  for (uint32_t row = 0; row < count; ++row) {
    if (error_states_[row] == 0) continue;
    const DataError error{SqlState(error_states_[row]), error_instructions_[row], row};
    error_states_[row] = 0;
    if (is_step()) {
      error_detail_ = error_details_[row];
      note_text(position, error);
      fail_row(ordinals, row, error);
    } else if (row < going_on) {
      pending_ = error;
      error_detail_ = error_details_[row];
      note_text(position, error);
      ++pending_count_;
      going_on = row;
    }
    error_details_[row] = 0;
  }
  return going_on;
}

// The registers still hold what the operator at `position` was given.
void Execution::Impl::note_text(size_t position, const DataError& error) {
  error_text_ = {error.instruction, {}};
  if (position >= pipeline_->operators.size()) return;
  const auto* compute = std::get_if<Compute>(&pipeline_->operators[position]);
  if (compute == nullptr) return;
  std::vector<Vector> arguments;
  for (const Register each : compute->arguments) {
    arguments.push_back(registers_[static_cast<size_t>(each)]);
  }
  const PhysicalType result = registers_[static_cast<size_t>(compute->result)].type;
  error_text_.text = failure_text(error.state, static_cast<Opcode>(compute->opcode), result,
                                  arguments, error.row);
}

void Execution::Impl::fail_row(const Vector* ordinal, uint32_t row, const DataError& error) {
  if (ordinal == nullptr || ordinal->is_null(row)) return fail_shared(error);
  fail_instance(static_cast<uint32_t>(ordinal->as<int32_t>()[ordinal->index_of(row)]), error);
}

// A row of no instance: the state it was for is no longer good. Without a state, no instance can be
// told apart, so they have to run alone.
void Execution::Impl::fail_shared(const DataError& error) {
  if (flow_ == Flow::Abort) return;
  if (!is_step()) {
    pending_ = error;
    ++pending_count_;
    return;
  }
  if (prepared_->filled_state != kNone) {
    DataError& poison = states_[static_cast<size_t>(prepared_->filled_state)].poison;
    if (poison.state.ok()) poison = error;
    flow_ = Flow::EndPipeline;
  } else if (instances_->count == 1) {
    fail_instance(0, error);
    if (flow_ == Flow::Run) flow_ = Flow::EndPipeline;
  } else {
    report_conflict();
  }
}

void Execution::Impl::fail_instance(uint32_t instance, const DataError& error) {
  if (flow_ == Flow::Abort || is_skipping(instance)) return;
  const int32_t region = prepared_->region;
  const Region* handler =
      region == kNone ? nullptr : &program_->program.regions[static_cast<size_t>(region)];
  const uint32_t since = handler == nullptr ? 0 : handler->first;
  if (progress_[instance].changed_at > since) {
    if (instances_->count > 1) return report_conflict();
    undo_changes(instance, since, region);
  }
  if (!program_->appends.empty()) context_->effects->discard(instance, since);
  ++failure_epoch_;
  if (instances_->count == 1 && flow_ == Flow::Run) flow_ = Flow::EndPipeline;
  if (handler == nullptr) {
    progress_[instance].skips_until = UINT32_MAX;
    outcome_.failures.push_back(
        {instance, error.state, error.instruction, pipeline_index_, error_detail_,
         error_text_.of(error)});
    return;
  }
  progress_[instance].skips_until = handler->last + 1;
  Vector& state = instances_->locals[static_cast<size_t>(handler->state)];
  state.as<int32_t>()[instance] = static_cast<int32_t>(error.state.packed);
  set_bit(state.validity, instance);
  if (handler->place != kNone) {
    Vector& place = instances_->locals[static_cast<size_t>(handler->place)];
    place.as<int64_t>()[instance] =
        static_cast<int64_t>(uint64_t{error_detail_} << 32 | error.instruction);
    set_bit(place.validity, instance);
  }
  if (handler->message == kNone) return;
  set_message(handler->message,
              {instance, error.state, error.instruction, pipeline_index_, error_detail_,
               error_text_.of(error)});
}

void Execution::Impl::undo_changes(uint32_t instance, uint32_t since_pipeline, int32_t region) {
  const auto mark = region == kNone ? run_mark_ : region_marks_[static_cast<size_t>(region)];
  context_->transaction->rollback_to(mark);
  progress_[instance].changed_at = since_pipeline;
}

void Execution::Impl::set_message(int32_t local, const InstanceFailure& failure) {
  Vector& message = instances_->locals[static_cast<size_t>(local)];
  const std::string text = context_->words == nullptr ? std::string(message_of(failure.state))
                                                      : context_->words->message(failure);
  const std::string_view plain = message_of(failure.state);
  auto* bytes = static_cast<char*>(instances_->arena->allocate(text.size() + 1, 1));
  if (bytes != nullptr) std::copy(text.begin(), text.end(), bytes);
  message.as<vector::StringView>()[failure.ordinal] = vector::StringView::of(
      bytes == nullptr ? plain : std::string_view(bytes, text.size()));
  set_bit(message.validity, failure.ordinal);
}

// Not the fault of one row. Memory that a batch of instances lacks may suffice for each alone.
void Execution::Impl::fail_run(SqlState state) {
  if (flow_ == Flow::Abort) return;
  const bool is_memory = state == kOutOfMemory;
  if (is_step() && is_memory && instances_->count > 1) return report_conflict();
  if (is_step() && is_memory) {
    const DataError error{state, prepared_ == nullptr ? 0 : prepared_->source_instruction, 0};
    fail_instance(0, error);
    if (flow_ == Flow::Run) flow_ = Flow::EndPipeline;
    return;
  }
  run_error_ = {state, prepared_ == nullptr ? 0 : prepared_->source_instruction, 0};
  flow_ = Flow::Abort;
}

void Execution::Impl::report_conflict() {
  outcome_.conflict = true;
  flow_ = Flow::Abort;
}

}  // namespace rowtine::program
