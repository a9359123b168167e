package io.lorashear.spark.source.instruction;

import java.util.Locale;
import java.util.Optional;

/** The speaker of a turn, in the usual order. */
public enum Speaker {
  /** The system prompt, which describes the model's role. */
  SYSTEM,
  /** The user, who asks. */
  USER,
  /** Context of a question, and results of tools. */
  CONTEXT,
  /** The model, which answers or calls a tool. */
  MODEL;

  /** The speaker by name in a turn, case-insensitive. */
  static Optional<Speaker> of(String name) {
    var lower = name.strip().toLowerCase(Locale.ROOT).replace(' ', '_');
    return switch (lower) {
      case "system", "developer" -> Optional.of(SYSTEM);
      case "user", "human", "prompter", "customer" -> Optional.of(USER);
      case "tool", "function", "observation", "ipython", "environment", "context" ->
          Optional.of(CONTEXT);
      case "tool_response", "tool_result", "function_response", "function_result" ->
          Optional.of(CONTEXT);
      case "assistant", "gpt", "chatgpt", "bard", "bing", "model", "bot", "ai", "chatbot" ->
          Optional.of(MODEL);
      case "function_call", "tool_call", "claude" -> Optional.of(MODEL);
      default ->
          lower.startsWith("gpt-") || lower.startsWith("claude-")
              ? Optional.of(MODEL)
              : Optional.empty();
    };
  }

  /** The speaker by the name of the field with the text: {@code {"input": …, "output": …}}. */
  static Optional<Speaker> ofField(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "input", "instruction", "prompt", "question", "query" -> Optional.of(USER);
      case "output", "response", "completion", "answer" -> Optional.of(MODEL);
      default -> of(name);
    };
  }
}
