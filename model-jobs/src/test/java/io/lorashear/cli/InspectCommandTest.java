package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.ThreadCost;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectCommandTest {
  @TempDir Path folder;

  private static String output(String... arguments) {
    var out = new StringWriter();
    int code =
        Failures.commandLine(new InspectCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute(arguments);
    assertThat(code).as(out.toString()).isZero();
    return out.toString();
  }

  private String config(ObjectNode fields) {
    var file = folder.resolve("config.json");
    JsonFile.write(file, fields);
    return file.toString();
  }

  /** Figures by hand: 32·16 embedding, norms of 16, heads of 4, hidden 16. */
  @Test
  void aConfigAloneShowsAxesCostsReasonsAndOverlaps() {
    var file = config(SmallModels.uniform().fields());
    assertThat(output(file, "--json", folder.resolve("axes.json").toString()))
        .isEqualToIgnoringNewLines(
            """
            4,944 parameters, 3,840 of them (77.7%) in the 52 groups that pruning removes

            axis                                    groups   parameters a group    share  status
            vocabulary                                  32                   16    20.7%  off by default: removes a token: ids are renumbered, and the tokenizer with them
            hidden                                      16                  309   100.0%  off by default: removes a channel of the whole residual stream
            layers.{0-1}.attention.kvHeads               2                  384    31.1%  prunable
            layers.{0-1}.attention.group                 2                  256    20.7%  off by default: removes one query head of every key-value head: few programs load the result
            layers.{0-1}.attention.headDim               4                  192    31.1%  unprunable: rotary positions turn its indices in pairs
            layers.{0-1}.mlp.channels                   24                   48    46.6%  prunable

            tensors of two axes, one along rows, the other along columns
              layers.*.attention.kvHeads and hidden: model.layers.*.self_attn.k_proj, model.layers.*.self_attn.o_proj, model.layers.*.self_attn.q_proj, model.layers.*.self_attn.v_proj
              layers.*.attention.group and hidden: model.layers.*.self_attn.o_proj, model.layers.*.self_attn.q_proj
              layers.*.mlp.channels and hidden: model.layers.*.mlp.down_proj, model.layers.*.mlp.gate_proj, model.layers.*.mlp.up_proj
            """);
    var json = JsonFile.read(folder.resolve("axes.json"));
    assertThat(json.get("parameters").asLong()).isEqualTo(4944);
    assertThat(json.get("removable_groups").asLong()).isEqualTo(52);
    assertThat(json.get("removable_parameters").asLong()).isEqualTo(3840);
    assertThat(json.get("axes")).hasSize(11);
    assertThat(json.get("overlaps")).hasSize(18);
    for (var axis : json.get("axes")) {
      assertThat(axis.get("parameters").asLong())
          .isEqualTo(axis.get("groups").asLong() * axis.get("parameters_per_group").asLong());
      assertThat(axis.get("slices")).isNotEmpty();
      assertThat(axis.has("reason")).isEqualTo(!axis.get("status").asText().equals("prunable"));
    }
  }

  @Test
  void layersOfOneWidthAreInOneRowAlsoWhereOthersLieBetween() {
    var wide = new LayerWidths(4, 2, 24);
    var narrow = new LayerWidths(4, 2, 20);
    var fields = SmallModels.llama(wide, wide, narrow, wide, narrow).fields();
    assertThat(output(config(fields)))
        .contains("layers.{0-1,3}.mlp.channels ", "layers.{2,4}.mlp.channels ");
  }

  @Test
  void theHelpNamesEveryFamily() {
    assertThat(output("--help").replaceAll("\\s+", " "))
        .contains("Model types: " + String.join(", ", Family.names()) + ".");
  }

  @Test
  void expertsThatAgreeAreInOneRow() {
    var fields = SmallModels.uniform().fields().put("model_type", "mixtral");
    var text = output(config(fields.put("num_local_experts", 3)));
    assertThat(text).contains("layers.{0-1}.experts ", "layers.{0-1}.experts.{0-2}.channels ");
    assertThat(text).contains("experts.*.channels and layers.*.experts: model.layers.*.block");
    assertThat(text).doesNotContain("layers.*.experts and layers.*.experts:");
  }

  @Test
  void aDirectoryWithoutWeightsIsItsConfigAndOneWithWeightsIsChecked() throws Exception {
    var alone = output(config(SmallModels.uneven().fields()));
    assertThat(output(folder.toString())).isEqualTo(alone);
    var model = folder.resolve("model");
    var config = SmallModels.uneven();
    CheckpointWriter.write(model, config, SmallModels.weights(config, 1), List.of());
    assertThat(output(model.toString())).isEqualTo(alone);
    Files.copy(Path.of(config(SmallModels.uniform().fields())), folder.resolve("other.json"));
    Files.delete(model.resolve("config.json"));
    Files.move(folder.resolve("other.json"), model.resolve("config.json"));
    var told = new StringWriter();
    int code =
        Failures.commandLine(new InspectCommand())
            .setErr(new PrintWriter(told))
            .execute(model.toString());
    assertThat(code).isEqualTo(2);
    assertThat(told.toString()).contains("gate_proj.weight is F32 [20, 16]");
  }

  /** As AutoGPTQ and AutoAWQ wrote it: config.json says nothing, the weights have another name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "quantize_config.json | {'bits': 4, 'group_size': 128, 'desc_act': false} | gptq, 4 bit",
        "quant_config.json    | {'zero_point': true, 'q_group_size': 64, 'w_bit': 3} | awq, 3 bit"
      })
  void aQuantisedDirectoryIsRefusedByTheFileThatSaysSo(String name, String settings, String how)
      throws Exception {
    config(SmallModels.uniform().fields());
    Files.writeString(folder.resolve(name), settings.replace('\'', '"'));
    Files.createFile(folder.resolve("gptq_model-4bit-128g.safetensors"));
    var told = new StringWriter();
    int code =
        Failures.commandLine(new InspectCommand())
            .setErr(new PrintWriter(told))
            .execute(folder.toString());
    assertThat(code).isEqualTo(2);
    assertThat(told.toString().trim())
        .isEqualTo(
            folder.resolve(name)
                + ": the checkpoint is quantised ("
                + how
                + "), and packed weights are not read here: take the model it was made from, which"
                + " its model card names");
  }

  @Test
  void pairsBringTheirRanks() {
    assertThat(output(config(SmallModels.uniform().fields()), "--lora-rank", "3"))
        .containsPattern("layers.\\{0-1}.attention.q.rank +3 +32 +\\d.\\d%  prunable");
  }

  /** 80 layers of Llama 2 70B with pairs: 1,120 axes of ranks, millions of groups. */
  @Test
  void seventyBillionParametersTakeSecondsAndLittleMemory() {
    var fields = JsonFile.object().put("model_type", "llama").put("hidden_size", 8192);
    fields.put("num_hidden_layers", 80).put("num_attention_heads", 64);
    fields.put("num_key_value_heads", 8).put("intermediate_size", 28672);
    fields.put("vocab_size", 32000).put("tie_word_embeddings", false);
    var file = config(fields);
    output(config(SmallModels.uniform().fields()), "--lora-rank", "8");
    config(fields);
    long memory = ThreadCost.allocated();
    var start = ThreadCost.time();
    var json = folder.resolve("axes.json").toString();
    assertThat(output(file, "--json", json)).startsWith("68,976,648,192 parameters, ");
    assertThat(ThreadCost.time().minus(start)).isLessThan(Duration.ofSeconds(3));
    assertThat(ThreadCost.allocated() - memory).isLessThan(512L << 20);
    assertThat(output(file, "--lora-rank", "8")).contains("layers.{0-79}.mlp.gate.rank ");
  }

  /**
   * By hand: a ratio of 0.2 is 989 of 4,944 parameters; 20 channels of 48 go, or 10 of each layer.
   */
  @Test
  void aRatioShowsWhatEachShapeLeaves() {
    var file = config(SmallModels.uniform().fields());
    var json = folder.resolve("shapes.json");
    var table = output(file, "--ratio", "0.2", "--json", json.toString());
    assertThat(table.lines().map(line -> line.substring(0, 63)))
        .containsExactly(
            "shape        heads        channels                   parameters",
            "free         1 to 2       5 to 24                         3,936",
            "uniform-ffn  2            14                              3,984",
            "uniform      1            22                              3,984",
            "uniform      2            14                              3,984",
            "deci         2 or 0       5 to 24 or 0                    3,936");
    var shapes = JsonFile.read(json).get("shapes");
    assertThat(shapes.get(1).get("loaded_by").toString()).contains("mlx");

    assertThat(output(file, "--shape", "uniform-ffn", "--multiple", "32"))
        .contains("uniform-ffn  not to be had: no width that it allows is left for");
    assertThat(output(file, "--shape", "uniform-ffn", "--ratio", "0.5"))
        .contains("uniform-ffn  not to be had: at most 1,824 of 4,944 parameters could go");
  }
}
