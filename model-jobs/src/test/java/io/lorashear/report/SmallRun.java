package io.lorashear.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.corpus.LossReport.SourceLoss;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.RunRecord;
import io.lorashear.run.Stage;
import io.lorashear.saliency.KnowledgeProfile;
import io.lorashear.saliency.KnowledgeProfile.AxisImpact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;

/** A run of the line as its stages leave it, of made-up numbers; one source has a hostile name. */
final class SmallRun {
  static final String HOSTILE = "</script><img src=x onerror=alert(1)>";
  private static final List<String> SOURCES = List.of("alpaca", HOSTILE);

  private record NoSettings(double ratio) {}

  private final Path folder;
  private final Random random = new Random(5);

  private SmallRun(Path folder) {
    this.folder = folder;
  }

  /** All stages. */
  static Path write(Path folder) throws IOException {
    var run = new SmallRun(folder);
    run.documents("documents");
    SmallCorpus.write(folder.resolve("corpus"));
    run.profile();
    run.pruned();
    run.losses("losses/dense", 0);
    run.losses("losses/pruned", 0.4);
    run.losses("losses/recovered", 0.1);
    run.subset("subsets/round-0", 0);
    run.subset("subsets/round-1", 1);
    run.recovered("recovered/round-0", "pretrain");
    run.recovered("recovered/round-1", "pretrain");
    run.recovered("recovered/instruct", "instruct");
    run.evaluation("dense", 0.25);
    run.evaluation("recovered", 0.5);
    run.report(OptionalDouble.empty());
    return folder;
  }

  /** All stages, and those of a ceiling. */
  static Path withCeiling(Path folder) throws IOException {
    write(folder);
    var run = new SmallRun(folder);
    run.losses("losses/ceiling", 0.05);
    run.recovered("ceiling/round-0", "pretrain");
    run.recovered("ceiling/instruct", "instruct");
    run.evaluation("ceiling", 0.5);
    run.report(OptionalDouble.of(0.5));
    return folder;
  }

  /** All stages but the profile. */
  static Path withoutProfile(Path folder) throws IOException {
    Publication.withdraw(write(folder).resolve("profile"));
    return folder;
  }

  /** The first stage alone. */
  static Path begun(Path folder) throws IOException {
    new SmallRun(folder).documents("documents");
    return folder;
  }

  /** Two rounds of a schedule. */
  static Path schedule(Path folder) throws IOException {
    var run = new SmallRun(folder);
    for (int round = 0; round < 2; round++) {
      var place = "rounds/00000" + round + "/";
      run.documents(place + "documents");
      run.losses(place + "losses-dense", 0);
      run.losses(place + "losses-current", 0.4 - 0.1 * round);
      run.subset(place + "subset", round);
      run.recovered(place + "model", "pretrain");
      var attempt = JsonFile.object().put("attempt", round).put("round", round);
      attempt.put("outcome", "done").put("started", "2026-01-01T00:30:00Z");
      attempt.put("ended", "2026-01-01T00:35:00Z").put("message", HOSTILE);
      Files.createDirectories(folder.resolve("history"));
      JsonFile.write(folder.resolve("history/00000" + round + ".json"), attempt);
    }
    var last = PublishedDirectory.open(folder.resolve("rounds/000001/model"));
    RunRecord.start("schedule", new NoSettings(0.2)).write(last);
    return folder;
  }

  /** A contest of two methods. */
  static Path contest(Path folder) throws IOException {
    var contest = JsonFile.object().put("against", "magnitude");
    var rows = contest.putArray("rows");
    for (var method : List.of("dense", "ceiling", "magnitude", HOSTILE)) {
      boolean whole = method.equals("dense") || method.equals("ceiling");
      var row = rows.addObject().put("method", method);
      row.put("ratio", whole ? 0 : 0.2);
      row.put("parameters", whole ? 5000 : 4000);
      row.put("lossPruned", 1.9).put("loss", method.equals(HOSTILE) ? 1.25 : 1.5);
      row.putObject("perplexity").put("alpaca", 4.5);
      row.put("share", 0.5).put("shareError", 0.01).put("tokens", 4096);
      row.put("minutes", 2.5).put("tokensPerSecond", 812.5);
    }
    ((ObjectNode) rows.get(1)).put("loss", 1.2);
    ((ObjectNode) rows.get(3))
        .putObject("toFirst")
        .put("nats", -0.25)
        .put("low", -0.5)
        .put("high", -0.125)
        .put("sure", true);
    contest.putObject("refused").put("depth 0.2", HOSTILE);
    var manifest = JsonFile.object().put("kind", "contest");
    var run = new SmallRun(folder);
    var report = run.publish("report", manifest, Map.of("contest.json", contest.toString()));
    RunRecord.start("contest", new NoSettings(0.2)).write(report);
    return folder;
  }

  private PublishedDirectory publish(String name, ObjectNode manifest, Map<String, String> files)
      throws IOException {
    try (var publication = Publication.begin(folder.resolve(name))) {
      for (var file : files.entrySet()) {
        Files.writeString(publication.directory().resolve(file.getKey()), file.getValue());
      }
      return publication.publish(manifest);
    }
  }

  private static ObjectNode stage(String name) {
    var manifest = JsonFile.object().put("stage", name);
    manifest.putObject("settings").put("method", "lhspg");
    manifest.putObject("parents").put("tokenizer", "f49c2988b11938a1abc751026b6ddf6d40f6923648");
    return manifest.put("code", "62c5c1719f013e3826a645c3fb8436425732edc00c5be44a8d5b18b7a63879ca");
  }

  private void documents(String name) throws IOException {
    var manifest = stage("ingest");
    var sources = manifest.putArray("sources");
    for (var each : SOURCES) {
      var source = sources.addObject().put("name", each).put("licence", "terms of " + each);
      source.put("files", 1).put("documents", 7).put("paragraphs", 31).put("characters", 4242);
      source.putObject("dropped").put("exact-duplicate", 2).put("no-text", 1);
      source.putObject("removed").put("short-paragraph", 12);
      source.putObject("warnings");
    }
    var raw = JsonFile.object().put("source", HOSTILE).put("name", HOSTILE + ".txt");
    publish(name, manifest, Map.of("raw.jsonl", raw.put("sha256", "ab12") + "\n"));
  }

  private void profile() throws IOException {
    var axes = new ArrayList<AxisImpact>();
    for (int layer = 0; layer < 2; layer++) {
      axes.add(new AxisImpact("layers." + layer + ".attention.kvHeads", List.of(1.5 - layer)));
      axes.add(new AxisImpact("layers." + layer + ".mlp.channels", List.of(0.25 + layer)));
    }
    var profile = new KnowledgeProfile(List.of(0.5), 0.679, axes).toJson().toString();
    publish("profile", stage("analyze"), Map.of("profile.json", profile));
  }

  private void pruned() throws IOException {
    var config = SmallModels.uneven(); // 2 and 1 heads, 20 and 24 channels are left
    var report = JsonFile.object().put("parametersBefore", 5000).put("parametersAfter", 4000);
    report.put("groupsRemoved", 5).putArray("protected").add("layers.0.attention.kvHeads");
    report.putObject("run").putArray("losses").add(0.9).add(0.81).add(0.7);
    var removed = report.putObject("removed");
    removed.putArray("layers.0.mlp.channels").add(0).add(1).add(2).add(23);
    removed.putArray("layers.1.attention.kvHeads").add(1);
    removed.putArray("hidden").add(3).add(7); // as methods leave it that narrow the residual
    try (var publication = Publication.begin(folder.resolve("pruned"))) {
      var weights = SmallModels.weights(config, 1);
      CheckpointWriter.write(publication.directory(), config, weights, List.of());
      JsonFile.write(publication.directory().resolve("pruning.json"), report);
      publication.publish(stage("prune"));
    }
  }

  private void losses(String name, double more) {
    var documents = new ArrayList<DocumentLoss>();
    var sources = new ArrayList<SourceLoss>();
    for (var source : SOURCES) {
      double sum = 0;
      for (int i = 0; i < 6; i++) {
        double loss = 10 * (1 + more + random.nextDouble());
        documents.add(new DocumentLoss(source, source + i, 10, loss, 5, loss / 2));
        sum += loss;
      }
      sources.add(new SourceLoss(source, 6, 60, sum));
    }
    var report = new LossReport("model", "corpus", "validation", 6, 0, sources, documents);
    Stage.of("perplexity", folder.resolve(name), new NoSettings(more), SmallRun.class)
        .run(report::writeTo);
  }

  private void subset(String name, int round) {
    var groups = new ArrayList<GroupDraw>();
    for (var source : SOURCES) {
      double weight = source.equals(HOSTILE) ? 0.75 : 0.25;
      groups.add(
          new GroupDraw(
              source, source, 0.2 + round, 0.5, weight, "adaptive: " + round, 9, 1, List.of()));
    }
    var drawn = List.of(new Drawn("a", "b", 0, "alpaca"), new Drawn("c", "d", 1, HOSTILE));
    var subset = new SubsetManifest("corpus", "train", 1, round, 100, "adaptive", groups, drawn);
    Stage.of("resample", folder.resolve(name), new NoSettings(round), SmallRun.class)
        .run(subset::writeTo);
  }

  private void recovered(String name, String stage) throws IOException {
    var report = JsonFile.object().put("stage", stage).put("steps", 32).put("tokens", 4096);
    report.set("before", validation(0));
    report.set("best", validation(32));
    report.putArray("validations").add(validation(0)).add(validation(16)).add(validation(32));
    publish(name, stage("recover"), Map.of("recovery.json", report.toString()));
  }

  private ObjectNode validation(int step) {
    double loss = 1 + random.nextDouble();
    var validation = JsonFile.object().put("step", step).put("meanLoss", loss);
    var losses = validation.putObject("losses");
    SOURCES.forEach(source -> losses.put(source, loss));
    return validation;
  }

  private void evaluation(String name, double share) throws IOException {
    var results = JsonFile.object();
    results
        .putObject("results")
        .putObject("world")
        .put("acc,none", share)
        .put("acc_stderr,none", 0.03);
    results.putObject("reported").put("world", "acc");
    results.withObject("/n-samples").putObject("world").put("effective", 306);
    publish("evaluation/" + name, stage("evaluate"), Map.of("results.json", results.toString()));
  }

  private void report(OptionalDouble ofCeiling) throws IOException {
    var report = JsonFile.object();
    double perplexity = 2;
    for (var model : List.of("dense", "pruned", "recovered")) {
      var entry = report.putObject(model).put("parameters", model.equals("dense") ? 5000 : 4000);
      entry.put("bytesFloat32", 20_000).put("perplexity", perplexity);
      entry.putObject("accuracies").put("world acc", 0.5);
      perplexity = model.equals("dense") ? 3.5 : 2.5;
    }
    report.put("wonBack", 0.6012);
    if (ofCeiling.isPresent()) {
      report.putObject("ceiling").put("parameters", 5000);
      report.put("wonBackOfCeiling", ofCeiling.getAsDouble());
    }
    var manifest = JsonFile.object().put("kind", "report");
    var published = publish("report", manifest, Map.of("report.json", report.toString()));
    RunRecord.start("run", new NoSettings(0.2))
        .measured("tokensPerSecond.dense", 22_843.4)
        .write(published);
  }
}
