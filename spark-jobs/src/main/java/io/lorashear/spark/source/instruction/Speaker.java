package io.lorashear.spark.source.instruction;

import java.util.Locale;
import java.util.Optional;

/** Who speaks, in the order in which they do. */
public enum Speaker {
  /** Who tells the model beforehand what it is. */
  SYSTEM,
  /** Who asks. */
  USER,
  /** What is given with a question, and what tools return. */
  CONTEXT,
  /** Who answers, or calls a tool. */
  MODEL;

  /** By the name a turn gives him, in any case. */
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

  /** By the name of the field in which he speaks: {@code {"input": …, "output": …}}. */
  static Optional<Speaker> ofField(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "input", "instruction", "prompt", "question", "query" -> Optional.of(USER);
      case "output", "response", "completion", "answer" -> Optional.of(MODEL);
      default -> of(name);
    };
  }
}
