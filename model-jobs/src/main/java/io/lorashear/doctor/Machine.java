package io.lorashear.doctor;

import io.lorashear.run.CacheFolder;
import io.lorashear.run.DiskSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Java, memory, the allocator and disks. Facts that only Linux offers are read from /proc. */
final class Machine {
  private static final int TRIED_JAVA = 17;
  private static final long CACHE_BYTES = 2_000_000_000;
  private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB$");
  private static final Pattern BRAIN_FLOAT = Pattern.compile("\\b(avx512_bf16|amx_bf16|bf16)\\b");
  private static final Pattern ALLOCATOR = Pattern.compile("/lib(jemalloc|tcmalloc)[^/\\n]*\\.so");

  private Machine() {}

  static Finding java() {
    long heap = Runtime.getRuntime().maxMemory();
    int version = Runtime.version().feature();
    var facts = Map.<String, Object>of("version", Runtime.version().toString(), "heapBytes", heap);
    var text = "%s, heap up to %s".formatted(Runtime.version(), DiskSpace.text(heap));
    return version == TRIED_JAVA
        ? Finding.ok("java", text, facts)
        : Finding.lack(
            "java", text, "use JDK 17, by which all of this and Spark 3.5 are tried", facts);
  }

  static List<Finding> findings(Path work) {
    return List.of(
        memory(read("/proc/meminfo")),
        allocator(read("/proc/self/maps")),
        disk("disk", work, CACHE_BYTES),
        cache(CacheFolder.ofUser()));
  }

  /** Memory that programs can use before anything is swapped out. */
  static Finding memory(String meminfo) {
    var found = AVAILABLE.matcher(meminfo);
    int cores = Runtime.getRuntime().availableProcessors();
    if (!found.find()) {
      return Finding.ok("memory", cores + " cores", Map.of("processors", cores));
    }
    long bytes = Long.parseLong(found.group(1)) << 10;
    return Finding.ok(
        "memory",
        "%s are free, %d cores; lorashear plan tells what a stage needs"
            .formatted(DiskSpace.text(bytes), cores),
        Map.of("freeBytes", bytes, "processors", cores));
  }

  /**
   * The allocator: glibc's returns large buffers to the kernel after every step, so that they are
   * cleared again at the next.
   */
  static Finding allocator(String maps) {
    var found = ALLOCATOR.matcher(maps);
    if (found.find()) {
      return Finding.ok("allocator", found.group(1), Map.of("name", found.group(1)));
    }
    var facts = Map.<String, Object>of("name", "system");
    return maps.isEmpty()
        ? Finding.ok("allocator", "the system's", facts)
        : Finding.lack(
            "allocator",
            "the system's, with which training on a CPU is slower and steps are uneven",
            "install libjemalloc2 (Debian, Ubuntu) or jemalloc (Fedora); bin/lorashear takes it,"
                + " and executors by spark.executorEnv.LD_PRELOAD",
            facts);
  }

  static Finding brainFloat() {
    return brainFloat(read("/proc/cpuinfo"));
  }

  /** Whether the CPU has instructions for bfloat16: AVX-512 or AMX of Intel and AMD, Arm's bf16. */
  static Finding brainFloat(String cpuinfo) {
    var found = BRAIN_FLOAT.matcher(cpuinfo);
    return found.find()
        ? Finding.ok("bfloat16", "computed by the CPU (%s)".formatted(found.group()), fact(true))
        : Finding.ok("bfloat16", "emulated by the CPU: float32 is quicker", fact(false));
  }

  private static Map<String, Object> fact(boolean hardware) {
    return Map.of("hardware", hardware);
  }

  private static Finding disk(String what, Path folder, long least) {
    long free = DiskSpace.free(folder);
    var facts = Map.<String, Object>of("folder", folder.toString(), "freeBytes", free);
    var text = "%s are free in %s".formatted(DiskSpace.text(free), folder);
    return free >= least
        ? Finding.ok(what, text, facts)
        : Finding.lack(what, text, "make room: what a stage writes tells its --dry-run", facts);
  }

  private static Finding cache(CacheFolder cache) {
    return cache.usable()
        ? disk("cache", cache.folder(), CACHE_BYTES)
        : Finding.broken(
            "cache",
            "%s cannot be written or is full, and native libraries are unpacked there"
                .formatted(cache.folder()),
            "make room, or name another folder by LORASHEAR_CACHE");
  }

  /** Empty where a system has no such file. */
  private static String read(String file) {
    try {
      return Files.exists(Path.of(file)) ? Files.readString(Path.of(file)) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
