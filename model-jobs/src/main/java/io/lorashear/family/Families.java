package io.lorashear.family;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Every family by its model_type. */
final class Families {
  static final SortedMap<String, Family> KNOWN =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.ofEntries(
                  Map.entry("gemma", new Gemma()),
                  Map.entry("gemma2", new Gemma2()),
                  Map.entry("gemma3_text", new Gemma3()),
                  Map.entry("gpt2", new Gpt2()),
                  Map.entry("gpt_neox", new GptNeoX()),
                  Map.entry("llama", new Llama()),
                  Map.entry("ministral", new Ministral()),
                  Map.entry("ministral3", new Ministral3()),
                  Map.entry("mistral", new Mistral()),
                  Map.entry("mixtral", new Mixtral()),
                  Map.entry("olmo2", new Olmo2()),
                  Map.entry("phi3", new Phi3()),
                  Map.entry("qwen2", new Qwen2()),
                  Map.entry("qwen3", new Qwen3()),
                  Map.entry("qwen3_moe", new Qwen3Moe()),
                  Map.entry("smollm3", new SmolLm3()))));

  private Families() {}
}
