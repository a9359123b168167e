package io.lorashear.spark.job;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What {@code lorashear} alone shows: its commands in groups, a short line each. */
record CommandList(List<Group> groups) {
  /** Commands that are for one thing. */
  record Group(String title, List<Line> lines) {}

  /** A command and what it does. */
  record Line(String command, String what) {}

  static final CommandList ALL =
      new CommandList(
          List.of(
              group(
                  "Everything at once",
                  "demo",
                  "the whole line on a sample world and a model of its own",
                  "run",
                  "the whole line by one settings file",
                  "schedule",
                  "new text and one more round of recovery, again and again",
                  "contest",
                  "many pruning methods on one model, side by side"),
              group(
                  "Corpora",
                  "sample",
                  "writes a sample world in the five sources' formats",
                  "ingest",
                  "raw corpora to clean documents",
                  "tokenize",
                  "documents to packed sequences",
                  "perplexity",
                  "losses of a model by source and document",
                  "resample",
                  "weights from what was lost, and the next subset",
                  "trace",
                  "from a token that was trained on back to its raw file"),
              group(
                  "Pruning",
                  "inspect",
                  "what can be removed of a model, and why the rest cannot",
                  "analyze",
                  "where the model keeps its knowledge",
                  "prune",
                  "a smaller checkpoint, by LHSPG or another method",
                  "sparsify",
                  "zeros in matrices that keep their widths"),
              group(
                  "Recovery",
                  "recover",
                  "LoRA training on a subset, of text or instructions",
                  "lora",
                  "an adapter beside a model that stays as it is",
                  "pretrain",
                  "a small model from nothing"),
              group(
                  "Looking",
                  "report",
                  "the page of a run, or several runs beside each other",
                  "evaluate",
                  "tasks, and perplexity of texts",
                  "compare",
                  "which differences of two results are noise",
                  "generate",
                  "what a model says",
                  "verify",
                  "a model's figures against another program's"),
              group(
                  "Tools",
                  "export",
                  "a model as another program reads it",
                  "plan",
                  "memory and time of a stage before it runs",
                  "bench",
                  "speeds beside what the machine allows at most",
                  "clean",
                  "empties the cache folder")));

  private static Group group(String title, String... words) {
    var lines = new ArrayList<Line>();
    for (int i = 0; i < words.length; i += 2) {
      lines.add(new Line(words[i], words[i + 1]));
    }
    return new Group(title, List.copyOf(lines));
  }

  /** Lets a command's help show this list in the place of picocli's. */
  CommandLine showIn(CommandLine commands) {
    var sections = commands.getHelpSectionMap();
    sections.remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
    sections.put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, help -> text());
    return commands.setHelpSectionMap(sections);
  }

  private String text() {
    var text = new StringJoiner(System.lineSeparator(), "", System.lineSeparator());
    text.add("");
    for (var group : groups) {
      text.add(group.title());
      group.lines().forEach(line -> text.add("  %-11s %s".formatted(line.command(), line.what())));
    }
    return text.toString();
  }
}
