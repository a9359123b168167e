package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.reference.ReferenceData;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A published GGUF file against the Hugging Face checkpoint it was made from. */
@Tag("reference")
class SmolLm2Test {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HOME = "reference/smollm2-135m/";

  @TempDir static Path cache;
  private static Checkpoint model;

  @BeforeAll
  static void open() {
    model = Checkpoint.open(ReferenceData.smolLm2(), cache);
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
    }
  }

  private static JsonNode expected(String name) throws IOException {
    return JSON.readTree(ReferenceData.path(HOME + name).toFile());
  }

  @Test
  void everyTensorHasTheShapeAndNumbersOfTheDequantisedOriginal() throws IOException {
    var expected = expected("tensors.json");
    assertThat(model.tensors().tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(expected::fieldNames);
    for (var tensor : expected.properties()) {
      agrees(tensor.getKey(), tensor.getValue());
    }
  }

  private static void agrees(String name, JsonNode expected) {
    assertThat(model.tensors().tensor(name).shape())
        .as(name)
        .isEqualTo(longs(expected.get("shape")));
    var values = model.tensors().floats(name);
    double sum = 0;
    double magnitude = 0;
    for (float value : values) {
      sum += value;
      magnitude += Math.abs((double) value);
    }
    double scale = expected.get("abs_sum").asDouble();
    assertThat(sum).as(name).isCloseTo(expected.get("sum").asDouble(), within(1e-9 * scale));
    assertThat(magnitude).as(name).isCloseTo(scale, within(1e-9 * scale));
    for (int i = 0; i < 4; i++) {
      assertThat(values[i]).as(name).isEqualTo((float) expected.get("first").get(i).asDouble());
      assertThat(values[values.length - 4 + i])
          .as(name)
          .isEqualTo((float) expected.get("last").get(i).asDouble());
    }
  }

  private static long[] longs(JsonNode array) {
    var values = new long[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asLong();
    }
    return values;
  }

  @Test
  void aPieceIsTheSamePieceOfTheWhole() {
    var name = "model.layers.3.self_attn.q_proj.weight";
    var whole = model.tensors().floats(name);
    var random = new Random(5);
    for (int trial = 0; trial < 50; trial++) {
      int start = random.nextInt(whole.length * 4 - 5000);
      var piece = java.nio.ByteBuffer.allocate(1 + random.nextInt(5000));
      model.tensors().read(name, start, piece);
      for (int i = 0; i < piece.capacity(); i++) {
        int bits = Float.floatToRawIntBits(whole[(start + i) / 4]);
        assertThat(piece.get(i)).isEqualTo((byte) (bits >>> 8 * ((start + i) % 4)));
      }
    }
  }

  @Test
  void theMetadataSayWhatConfigJsonSays() throws IOException {
    var expected = expected("config.json");
    for (var field : model.config().fields().properties()) {
      if (!field.getKey().equals("torch_dtype")) {
        assertThat(field.getValue().asText())
            .as(field.getKey())
            .isEqualTo(expected.get(field.getKey()).asText());
      }
    }
    assertThat(model.graph().parameterCount()).isEqualTo(134_515_008);
  }

  @Test
  void theTokenizerIsTheOriginalOne() throws IOException {
    assertThat(JSON.readTree(model.tokenizer().toFile())).isEqualTo(expected("tokenizer.json"));
    var config = JSON.readTree(model.tokenizer().resolveSibling("tokenizer_config.json").toFile());
    assertThat(config.get("eos_token").asText()).isEqualTo("<|im_end|>");
    assertThat(config.get("chat_template").asText()).contains("<|im_start|>system");
  }

  @Test
  void textsBecomeTheSameIds() throws IOException {
    var texts = new ArrayList<Map.Entry<String, List<Integer>>>();
    for (var text : expected("logits.json")) {
      var ids = new ArrayList<Integer>();
      text.get("ids").forEach(id -> ids.add(id.asInt()));
      texts.add(Map.entry(text.get("text").asText(), ids));
    }
    assertThat(texts).hasSizeGreaterThan(3);
    try (var tokenizer = Tokenizer.open(model.tokenizer())) {
      for (var text : texts) {
        assertThat(tokenizer.encode(text.getKey()))
            .as(text.getKey())
            .containsExactly(text.getValue().stream().mapToInt(Integer::intValue).toArray());
      }
    }
  }

  @Test
  void openingAgainGivesTheSameTokenizerFile() throws IOException {
    var before = Files.readAllBytes(model.tokenizer());
    try (var again = Checkpoint.open(ReferenceData.smolLm2(), cache.resolve("other"))) {
      assertThat(cache.resolve("other").relativize(again.tokenizer()))
          .isEqualTo(cache.relativize(model.tokenizer()));
      assertThat(Files.readAllBytes(again.tokenizer())).isEqualTo(before);
    }
  }
}
