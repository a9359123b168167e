package io.lorashear.cli;

import io.lorashear.run.CacheFolder;
import io.lorashear.run.DiskSpace;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorashear clean}: empties the cache folder. */
@Command(
    name = "clean",
    mixinStandardHelpOptions = true,
    description =
        "Deletes from the cache folder (LORASHEAR_CACHE, else ~/.cache/lorashear) everything that"
            + " can be made again: the demo's model, unpacked native libraries, classes kept for"
            + " faster starts, tokenizers taken from GGUF files, reference material, copies of"
            + " files in stores, and what stopped stages have made for stores. Published results"
            + " are never touched.",
    footer = {"", "Example:", "  lorashear clean --dry-run"})
public final class CleanCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--dry-run", description = "Prints what would be deleted, and deletes nothing.")
  boolean dryRun;

  @Override
  public Integer call() {
    var cache = CacheFolder.ofUser();
    var out = spec.commandLine().getOut();
    long bytes = 0;
    for (var part : cache.parts()) {
      out.printf("%-10s %s%n", DiskSpace.text(part.bytes()), part.path());
      bytes += part.bytes();
    }
    if (!dryRun) {
      cache.clean();
    }
    out.printf(
        "%s %s in %s%n",
        DiskSpace.text(bytes), dryRun ? "would be deleted" : "deleted", cache.folder());
    out.flush();
    return 0;
  }
}
