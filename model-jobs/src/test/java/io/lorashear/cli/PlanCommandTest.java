package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
  @TempDir Path folder;
  private String model;

  @BeforeEach
  void llama7b() throws IOException {
    model =
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"model_type": "llama", "hidden_act": "silu", "vocab_size": 32000,
                 "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
                 "num_attention_heads": 32, "num_key_value_heads": 32,
                 "max_position_embeddings": 2048, "rms_norm_eps": 1e-6,
                 "tie_word_embeddings": false}
                """)
            .toString();
  }

  @Test
  void llama7bIsPlannedWithoutItsWeights() {
    var json = folder.resolve("plan.json");
    var text =
        told(
            0,
            "prune",
            model,
            "--memory",
            "30GB",
            "--memory",
            "80GB",
            "--set",
            "train.precision=float32",
            "--json",
            json.toString());
    assertThat(text)
        .contains("weights", "27.0 GB", "fits in 80.0 GB")
        .contains("train.recompute=true");
    var plan = JsonFile.read(json);
    assertThat(plan.path("always").path("weights").asLong()).isEqualTo(4L * 6_738_415_616L);
    assertThat(plan.path("tokens").asLong()).isEqualTo(64 * 2 * 512);
    assertThat(plan.path("peak_bytes").asLong()).isBetween(30_000_000_000L, 42_000_000_000L);
  }

  @Test
  void bfloat16IsTheLastResort() {
    var wide = "train.precision=float32";
    var text = told(0, "prune", model, "--memory", "24GB", "--set", wide);
    assertThat(text).contains("does not fit in 24.0 GB; with --set train.precision=bfloat16 it");
    text = told(0, "prune", model, "--memory", "24GB"); // on a GPU the default
    assertThat(text)
        .contains("weights in bfloat16", "13.5 GB", "on the host: weights", "27.0 GB")
        .contains("fits in 24.0 GB");
  }

  @Test
  void aBenchTellsTheTime() throws IOException {
    var bench =
        Files.writeString(
            folder.resolve("bench.json"),
            """
            {"tokens": 512, "median_tokens_per_second": 256, "operations": 2e12}
            """);
    var text = told(0, "recover", model, "--bench", bench.toString(), "--set", "rows=10");
    assertThat(text).contains("25,600 tokens trained on").containsPattern("about [0-9.]+ tokens/s");
    var none = Files.writeString(folder.resolve("none.json"), "{}");
    assertThat(told(2, "recover", model, "--bench", none.toString()))
        .contains("holds no figures of training or scoring");
  }

  @Test
  void analysisOnlyScores() {
    var text = told(0, "analyze", model, "--sources", "2", "--length", "128");
    assertThat(text).contains("0 tokens trained on, " + "%,d scored".formatted(2 * 128 * 65));
  }

  @Test
  void oneShotMethodsAreMeasuredOrLookNoFurtherThanTheWeights() {
    var taylor = "method=taylor";
    var wide = "train.precision=float32";
    assertThat(
            told(
                0,
                "prune",
                model,
                "--set",
                taylor,
                "--set",
                wide,
                "--set",
                "rows=4",
                "--memory",
                "60GB"))
        .contains("%,d tokens whose gradients are measured".formatted(4 * 5 * 512))
        .contains("does not fit in 60.0 GB; with --set train.rows=1 it takes");
    for (var method : List.of("magnitude", "random")) {
      assertThat(told(0, "prune", model, "--set", "method=" + method, "--memory", "30GB"))
          .contains("27.0 GB", "fits in 30.0 GB", "0 tokens trained on, 0 scored")
          .contains("its time is that of reading and writing the weights");
    }
  }

  /** 13 rows of 5 sources; 4,096 numbers a token wait between blocks. */
  @Test
  void methodsThatOnlyLookTellHowOften() {
    long rows = 13 * 5 * 512;
    assertThat(told(0, "prune", model, "--set", "method=wanda-sp"))
        .contains("0 tokens trained on, 0 scored, %,d looked at".formatted(2 * rows))
        .containsPattern("rows between blocks +545")
        .doesNotContain("second moments", "its time is that of reading");
    assertThat(told(0, "prune", model, "--set", "method=obs"))
        .contains("%,d looked at".formatted(2 * rows))
        .containsPattern("second moments of a block +4.4 GB"); // 4·(4096² + 11008²) + 8·4·11008²
    assertThat(told(0, "prune", model, "--set", "method=flap", "--set", "saliency.rows=4"))
        .contains("%,d looked at".formatted(4 * 5 * 512))
        .doesNotContain("rows between blocks");
    assertThat(told(0, "prune", model, "--set", "method=depth"))
        .contains("%,d looked at".formatted(2 * rows));
    assertThat(told(0, "prune", model, "--set", "method=fisher", "--set", "compensation.rows=8"))
        .contains("%,d looked at".formatted(10 * 8 * 5 * 512)) // of 64 matrices, ten shares
        .containsPattern("compensation +7.9 GB");
  }

  @Test
  void zerosAreFoundByLookingToo() {
    long rows = 13 * 5 * 512;
    assertThat(told(0, "sparsify", model, "--set", "method=wanda"))
        .contains("%,d looked at".formatted(2 * rows))
        .doesNotContain("second moments");
    assertThat(told(0, "sparsify", model)).containsPattern("second moments of a block +4.6 GB");
    assertThat(told(0, "sparsify", model, "--set", "method=magnitude"))
        .contains("0 tokens trained on, 0 scored, 0.00 operations");
  }

  /** 32 layers' o_proj and down_proj: (4096² + 4096 · 11008) numbers each. */
  @Test
  void masksNeedWhatReadsTheGroupsTwiceAndItsGradients() {
    var text = told(0, "prune", model, "--set", "method=ddp", "--set", "train.rows=1");
    assertThat(text)
        .containsPattern("dense weights under masks +7.9 GB")
        .containsPattern("gradients +7.9 GB")
        .contains("%,d tokens trained on, %,d scored".formatted(200 * 512, 13 * 5 * 512));
    assertThat(told(0, "prune", model, "--set", "method=sheared-llama", "--set", "train.rows=1"))
        .contains("%,d tokens trained on, 0 scored".formatted(320 * 512));
  }

  @Test
  void evaluationIsAsLargeAsItsLongestQuestion() {
    assertThat(told(0, "evaluate", model, "--memory", "12GB"))
        .contains("does not fit in 12.0 GB, whatever the settings")
        .contains("the questions' scored")
        .contains("hangs on the questions");
    assertThat(told(2, "evaluate", model, "--set", "tasks=[]")).contains("tasks is empty");
  }

  @Test
  void aModelToBeTrainedFromNothingNeedsATokenizerAlone() throws IOException {
    var tokenizer = SmallTokenizers.byteLevel(folder);
    var json = folder.resolve("plan.json");
    var text =
        told(
            0,
            "pretrain",
            tokenizer.toString(),
            "--set",
            "tokens=10000",
            "--length",
            "100",
            "--json",
            json.toString());
    assertThat(text).contains("first weights, drawn", "10,000 tokens trained on");
    assertThat(JsonFile.read(json).at("/always/gradients").asLong())
        .isEqualTo(JsonFile.read(json).at("/always/weights").asLong())
        .isGreaterThan(4 * 4 * 3 * 128 * 384);
  }

  @Test
  void whatCannotBePlannedIsNamed() {
    assertThat(told(2, "prune", model, "--memory", "much"))
        .isEqualTo("--memory is much: give a size such as 40GB or 900MB");
    assertThat(told(2, "perplexity", model))
        .isEqualTo("plan perplexity reads Spark's settings: start it by bin/lorashear");
    assertThat(told(2, "prune", model, "--length", "1"))
        .isEqualTo("--length is 1: give at least 2");
    assertThat(
            told(
                2,
                "prune",
                model,
                "--set",
                "shape=uniform-ffn",
                "--set",
                "multiple=128",
                "--set",
                "protect=[layers.31.mlp.channels]"))
        .isEqualTo(
            "shape is uniform-ffn for a llama model: it takes the same from every layer, but"
                + " layers.31.mlp.channels may lose nothing: protect all of that kind or none, or"
                + " choose the shape free or deci");
    assertThat(told(2, "prune", model, "--set", "ratio=0.99", "--set", "shape=deci"))
        .contains("the largest ratio that can be reached is 0.");
  }

  private static String told(int code, String... arguments) {
    var told = new StringWriter();
    var line =
        Failures.commandLine(new PlanCommand())
            .setOut(new PrintWriter(told))
            .setErr(new PrintWriter(told));
    assertThat(line.execute(arguments)).as(told.toString()).isEqualTo(code);
    return told.toString().strip();
  }
}
