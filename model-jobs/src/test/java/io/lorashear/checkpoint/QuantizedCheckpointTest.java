package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A quantised checkpoint is told as one, whichever of its files says it. */
class QuantizedCheckpointTest {
  private static final String PACKED =
      ", and packed weights are not read here: take the model it was made from, which its model"
          + " card names";

  @TempDir Path folder;

  private Path written(InMemoryTensors weights) {
    var target = folder.resolve("model");
    CheckpointWriter.write(target, SmallModels.uniform(), weights, List.of());
    return target;
  }

  private static void refuses(Path directory, String message) {
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message.replace("DIR", directory.toString()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "quantize_config.json  | {'bits': 4, 'group_size': 128, 'desc_act': false} | gptq, 4 bit",
        "quant_config.json     | {'zero_point': true, 'q_group_size': 64, 'w_bit': 3} | awq, 3 bit",
        "hf_quant_config.json  | {'quantization': {'quant_algo': 'FP8'}}           | modelopt",
        "quantize_config.json  | {'quant_method': 'AWQ', 'bits': 8}                | awq, 8 bit"
      })
  void byTheFileBesideIt(String name, String settings, String how) throws IOException {
    var directory = written(SmallModels.weights(SmallModels.uniform(), 1));
    Files.writeString(directory.resolve(name), settings.replace('\'', '"'));
    Files.delete(directory.resolve("model.safetensors"));
    Files.createFile(directory.resolve("gptq_model-4bit-128g.safetensors"));
    refuses(directory, "DIR/" + name + ": the checkpoint is quantised (" + how + ")" + PACKED);
  }

  @ParameterizedTest
  @CsvSource({
    "q_proj.qweight,                                       gptq or awq",
    "q_proj.qzeros,                                        gptq or awq",
    "q_proj.SCB,                                           bitsandbytes",
    "q_proj.weight.absmax,                                 bitsandbytes",
    "q_proj.weight.quant_state.bitsandbytes__nf4,          bitsandbytes",
    "q_proj.weight_packed,                                 compressed-tensors",
    "q_proj.weight_scale,                                  fp8 or compressed-tensors",
    "q_proj.weight_scale_inv,                              fp8",
    "q_proj.q_weight,                                      exl2",
    "q_proj.codebooks,                                     aqlm",
    "q_proj.W_q,                                           hqq",
    "q_proj.weight_scales,                                 eetq",
    "q_proj.weight._data,                                  quanto",
    "q_proj._weight_qdata,                                 torchao",
    "experts.gate_up_proj_blocks,                          mxfp4",
    "q_proj.scales,                                        mlx"
  })
  void byTheNamesOfItsTensors(String name, String how) {
    var weights = SmallModels.weights(SmallModels.uniform(), 1);
    weights.put("model.layers.0.self_attn." + name, new float[2], 2);
    refuses(written(weights), "DIR: the checkpoint is quantised (" + how + ")" + PACKED);
  }

  /** Before its weights are looked at, whose types are not read. */
  @Test
  void byItsConfiguration() throws IOException {
    var directory = written(SmallModels.weights(SmallModels.uniform(), 1));
    var config = JsonFile.read(directory.resolve("config.json"));
    config.putObject("quantization_config").put("quant_method", "fp8");
    JsonFile.write(directory.resolve("config.json"), config);
    packed(directory.resolve("model.safetensors"), "F8_E4M3");
    refuses(directory, "DIR/config.json: the checkpoint is quantised (fp8)" + PACKED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F8_E4M3", "F8_E8M0", "F4", "U32", "I16"})
  void byTheTypesOfItsTensors(String type) throws IOException {
    var directory = written(SmallModels.weights(SmallModels.uniform(), 1));
    packed(directory.resolve("model.safetensors"), type);
    refuses(
        directory,
        "DIR/model.safetensors: tensor a.weight has the type '"
            + type
            + "'; the types read here are"
            + " F32, F16, BF16, I64, I32, I8, U8, BOOL. The checkpoint is quantised: take the model"
            + " it was made from");
  }

  private static void packed(Path file, String type) throws IOException {
    var header =
        "{\"a.weight\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,2]}}"
            .formatted(type)
            .getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(8 + header.length + 2).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putLong(header.length).put(header).array());
  }
}
