package io.lorashear.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;

/**
 * How fast one model reads a prompt and generates, and how large it is.
 *
 * @param model its file's name
 * @param diskBytes size of the weight files
 * @param weightBytes size of the weights in memory
 * @param textBytes size of keys and values at the end of the text
 * @param reading times of the prompt
 * @param readingProducts times of its matrix products alone
 * @param speaking times of all tokens after it
 * @param speakingProducts times of their matrix products alone
 */
public record GenerationSpeed(
    String model,
    long parameters,
    long diskBytes,
    long weightBytes,
    long textBytes,
    Repetitions reading,
    Repetitions readingProducts,
    Repetitions speaking,
    Repetitions speakingProducts) {

  /** The share of its limit that reading reaches. */
  double readingFraction() {
    return readingProducts.best() / reading.best();
  }

  /** The share of its limit that generating reaches. */
  double speakingFraction() {
    return speakingProducts.best() / speaking.best();
  }

  /**
   * As JSON; speeds are those of the best repetitions.
   *
   * @param prompt tokens that are read
   * @param tokens that are generated
   * @param first the model that this one is compared with
   */
  ObjectNode toJson(int prompt, int tokens, GenerationSpeed first) {
    var json = JsonFile.object().put("model", model).put("parameters", parameters);
    json.put("disk_bytes", diskBytes).put("weight_bytes", weightBytes);
    json.put("text_bytes", textBytes);
    json.put("prompt_tokens_per_second", prompt / reading.best());
    json.put("prompt_fraction_of_limit", readingFraction());
    json.put("prompt_speed_beside_first", first.reading.best() / reading.best());
    json.put("generated_tokens_per_second", tokens / speaking.best());
    json.put("generated_fraction_of_limit", speakingFraction());
    json.put("generated_speed_beside_first", first.speaking.best() / speaking.best());
    Measurement.times(json, "prompt_seconds", reading.seconds());
    Measurement.times(json, "prompt_processor_seconds", reading.processorSeconds());
    Measurement.times(json, "prompt_limit_seconds", readingProducts.seconds());
    Measurement.times(json, "generated_seconds", speaking.seconds());
    Measurement.times(json, "generated_processor_seconds", speaking.processorSeconds());
    Measurement.times(json, "generated_limit_seconds", speakingProducts.seconds());
    return json;
  }
}
