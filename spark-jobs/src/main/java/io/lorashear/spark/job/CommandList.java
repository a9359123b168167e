package io.lorashear.spark.job;

import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The output of {@code lorashear} without arguments: its commands in groups, with a short line
 * each.
 */
record CommandList(List<Group> groups) {
  /** Commands for one purpose. */
  record Group(String title, List<Line> lines) {}

  /** A command and what it does. */
  record Line(String command, String what) {}

  static final CommandList ALL =
      new CommandList(
          List.of(
              group(
                  "Everything at once",
                  line("demo", "the whole pipeline on a sample world and a small model"),
                  line("run", "the whole pipeline from one settings file"),
                  line("schedule", "new text and one more round of recovery, at set times"),
                  line("contest", "many pruning methods on one model, compared")),
              group(
                  "Corpora",
                  line("sample", "writes a sample world in the five sources' formats"),
                  line("enlarge", "raw text of any size out of a little, to measure with"),
                  line("ingest", "raw corpora to clean documents"),
                  line("tokenize", "documents to packed sequences"),
                  line("retokenize", "a corpus with the ids of a smaller vocabulary"),
                  line("count", "how often each token occurs, by source"),
                  line("perplexity", "losses of a model by source and document"),
                  line("resample", "weights by how much was lost, and the next subset"),
                  line("trace", "from a trained token back to its raw file")),
              group(
                  "Pruning",
                  line("inspect", "what can be removed from a model, and why the rest cannot"),
                  line("analyze", "where the model keeps its knowledge"),
                  line("prune", "a smaller checkpoint, by LHSPG or another method"),
                  line("sparsify", "zeros in matrices that keep their widths")),
              group(
                  "Recovery",
                  line("recover", "LoRA training on a subset, of text or instructions"),
                  line("lora", "an adapter for a model that is not changed"),
                  line("pretrain", "a small model, trained from random weights")),
              group(
                  "Results",
                  line("watch", "how far a run is, in the terminal or on a page"),
                  line("runs", "lists runs, shows and resumes one, clears its leftovers"),
                  line("rerun", "a result made again, and what differs"),
                  line("report", "the page of a run, or of several runs compared"),
                  line("evaluate", "tasks, and perplexity of texts"),
                  line("compare", "which differences of two results are noise"),
                  line("generate", "text that continues a prompt"),
                  line("verify", "a model's figures compared with another program's")),
              group(
                  "Tools",
                  line("export", "a model in the format of another program"),
                  line("plan", "memory and time of a stage before it runs"),
                  line("doctor", "what this machine can do, and what it lacks"),
                  line("bench", "speeds, compared with the hardware limit"),
                  line("clean", "empties the cache folder"))));

  private static Group group(String title, Line... lines) {
    return new Group(title, List.of(lines));
  }

  private static Line line(String command, String what) {
    return new Line(command, what);
  }

  /** Makes the help show this list instead of picocli's; that of a command shows its own parts. */
  CommandLine showIn(CommandLine commands) {
    var sections = commands.getHelpSectionMap();
    sections.put(
        UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING,
        help -> help.commandSpec().parent() == null ? "" : help.commandListHeading());
    sections.put(
        UsageMessageSpec.SECTION_KEY_COMMAND_LIST,
        help -> help.commandSpec().parent() == null ? text() : help.commandList());
    return commands.setHelpSectionMap(sections); // of every command too
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
