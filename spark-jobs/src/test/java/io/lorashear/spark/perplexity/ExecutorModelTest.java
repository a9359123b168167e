package io.lorashear.spark.perplexity;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.device.Place;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.torch.PrecisionChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorModelTest {

  @TempDir static Path folder;
  private static Path checkpoint;

  @BeforeAll
  static void write() throws IOException {
    checkpoint = SmallCheckpoint.write(folder.resolve("model"), 260, 1);
    Files.copy(SmallTokenizers.byteLevel(folder), checkpoint.resolve("tokenizer.json"));
  }

  @AfterAll
  static void release() {
    ExecutorScorer.release();
  }

  /** Questions of many packs, some alike, some longer than the model, and a text in windows. */
  @Test
  void theResultIsThatOfOneProcessToTheLastByte() throws IOException {
    var random = new Random(3);
    var lines = new ArrayList<String>();
    for (int i = 0; i < 80; i++) {
      var context = "The tale of the %d rivers ".formatted(i % 30).repeat(1 + random.nextInt(6));
      lines.add(
          "{\"context\": \"%s\", \"choices\": [\"yes\", \"two %d\", \"a longer one\"], \"answer\": 1}"
              .formatted(context, i));
    }
    Path questions = Files.write(folder.resolve("q.jsonl"), lines);
    Path text = Files.writeString(folder.resolve("t.txt"), "A river rose by two feet. ".repeat(30));
    var here =
        EvaluateStage.run(
            settings("here", questions, text), Device.cpu(), false, Progress.silent());
    var there =
        EvaluateStage.run(
            settings("there", questions, text),
            opened ->
                ExecutorModel.open(
                    LocalSpark.session(), checkpoint, Place.CPU, PrecisionChoice.AUTO),
            false,
            Progress.silent());
    assertThat(there.hash()).isEqualTo(here.hash());
    assertThat(Files.readString(there.file("samples_own.jsonl")))
        .isEqualTo(Files.readString(here.file("samples_own.jsonl")));
  }

  private static EvaluateSettings settings(String name, Path questions, Path text) {
    return Settings.defaults(
        EvaluateSettings.class,
        List.of(
            "checkpoint=" + checkpoint,
            "output=" + folder.resolve(name),
            "tasks=[]",
            "choices.own=" + questions,
            "texts.tale.file=" + text,
            "texts.tale.length=50"));
  }
}
