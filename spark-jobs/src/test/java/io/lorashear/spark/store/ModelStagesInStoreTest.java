package io.lorashear.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.prune.AnalyzeStage;
import io.lorashear.prune.PruneStage;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.spark.perplexity.SmallCheckpoint;
import io.lorashear.spark.tokenize.TokenizedCorpus;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache of the stages is in this test's own home. */
class ModelStagesInStoreTest {
  private static final String HOME = "user.home";

  @TempDir static Path folder;
  private static String home = "";

  @BeforeAll
  static void corpusAndModel() throws IOException {
    home = System.getProperty(HOME);
    System.setProperty(HOME, folder.resolve("home").toString());
    TokenizedCorpus.write(folder.resolve("corpus"), SmallTokenizers.byteLevel(folder));
    SmallCheckpoint.write(folder.resolve("dense"), 260, 1);
  }

  @AfterAll
  static void backHome() {
    System.setProperty(HOME, home);
  }

  private static <T extends Record> T settings(Class<T> type, Path place, List<String> values) {
    return Settings.defaults(
        type, values.stream().map(value -> value.replace("=@", "=" + place + "/")).toList());
  }

  private static PublishedDirectory prune(Path place, String output) {
    var values =
        List.of(
            "checkpoint=@dense",
            "corpus=@corpus",
            "output=@" + output,
            "method=taylor",
            "unprunable=0",
            "ratio=0.1",
            "rows=4");
    return PruneStage.run(
        settings(PruneSettings.class, place, values), false, Device.cpu(), Progress.silent());
  }

  private static PublishedDirectory recover(Path place, String checkpoint, String output) {
    var values =
        List.of(
            "checkpoint=@" + checkpoint,
            "corpus=@corpus",
            "output=@" + output,
            "rows=6",
            "validationRows=2",
            "validations=1",
            "lora.rank=2");
    return RecoverStage.run(
        settings(RecoverSettings.class, place, values), false, Device.cpu(), Progress.silent());
  }

  @Test
  void stagesThatReadAndWriteAStoreWhichFailsGiveTheSameBytes() throws IOException {
    var store = FlakyStore.at(folder);
    prune(folder, "pruned");
    recover(folder, "pruned", "recovered");
    var pruned = prune(store, "pruned-there");
    recover(store, "pruned-there", "recovered-there");
    assertThat(FlakyStore.failures()).isPositive();
    assertThat(pruned.directory()).isEqualTo(store.resolve("pruned-there"));
    assertThat(files("pruned-there")).isEqualTo(files("pruned"));
    assertThat(files("recovered-there")).isEqualTo(files("recovered"));
    assertThat(folder.resolve("recovered-there.metrics.jsonl")).content().contains("\"done\"");
    assertThat(folder.resolve("home/.cache/lorashear/unpublished")).isEmptyDirectory();
    assertThat(recover(store, "pruned-there", "recovered-there").hash())
        .isEqualTo(ContentHash.of(folder.resolve("recovered")));
  }

  /** Names of the files of a folder with their hashes. */
  private static List<String> files(String name) throws IOException {
    var files = new ArrayList<String>();
    try (var all = Files.walk(folder.resolve(name))) {
      for (var file : all.filter(Files::isRegularFile).sorted().toList()) {
        files.add(folder.resolve(name).relativize(file) + " " + ContentHash.of(file));
      }
    }
    return files;
  }

  @Test
  void aResultThatTheStoreRefusesStaysAndIsCopiedByTheSameCommand() throws IOException {
    var store = DiskStore.at(folder);
    var values =
        List.of(
            "checkpoint=@dense", "corpus=@corpus", "output=@blocked/x/profile", "profile.rows=1");
    var settings = settings(AnalyzeSettings.class, store, values);
    Files.writeString(folder.resolve("blocked"), "a file where a folder is to be");
    var place = folder.resolve("home/.cache/lorashear/unpublished");
    assertThatThrownBy(() -> analyze(settings, new ArrayList<>()))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(store.resolve("blocked/x/profile") + " could not be written (")
        .hasMessageContaining(
            "): check the network, the address and the credentials; the result is in " + place)
        .hasMessageEndingWith("/profile, and the same command copies it");
    Files.delete(folder.resolve("blocked"));
    var told = new ArrayList<String>();
    var published = analyze(settings, told);
    assertThat(told).isEmpty();
    assertThat(published.directory()).isEqualTo(store.resolve("blocked/x/profile"));
    assertThat(place).isEmptyDirectory();
  }

  private static PublishedDirectory analyze(AnalyzeSettings settings, List<String> told) {
    return AnalyzeStage.run(settings, false, Device.cpu(), Progress.silent(), told::add);
  }

  @Test
  void anUnreachableStoreIsNamedWithWhatToDo() {
    var values = List.of("checkpoint=nowhere://b/dense", "corpus=@corpus", "output=@out");
    var settings = settings(AnalyzeSettings.class, folder, values);
    assertThatThrownBy(() -> AnalyzeStage.ready(settings))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "nowhere://b/dense: there is no client for such addresses (No FileSystem"
                + " for scheme \"nowhere\"): for s3a:// set LORASHEAR_S3=yes; the client of another"
                + " store must be on the class path");
  }
}
