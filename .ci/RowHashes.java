import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HexFormat;

/**
 * Prints every Parquet file of a folder with its rows and the hash of their hashes, in their order.
 *
 * <pre>
 *   java -cp LIBRARIES .ci/RowHashes.java FOLDER
 *
 *   PATH  ROWS rows  SHA256(sha256(row 1) sha256(row 2) …)
 * </pre>
 *
 * A row is hashed as DuckDB writes it, so neither the Parquet writer nor its version matters.
 */
final class RowHashes {
  public static void main(String[] arguments)
      throws IOException, SQLException, NoSuchAlgorithmException {
    var root = Path.of(arguments[0]);
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var rows = connection.prepareStatement("SELECT sha256(t::VARCHAR) FROM read_parquet(?) t");
        var all = Files.walk(root)) {
      for (var file : all.filter(path -> path.toString().endsWith(".parquet")).sorted().toList()) {
        var whole = MessageDigest.getInstance("SHA-256");
        long count = 0;
        rows.setString(1, file.toString());
        try (var hashes = rows.executeQuery()) {
          for (; hashes.next(); count++) {
            whole.update(HexFormat.of().parseHex(hashes.getString(1)));
          }
        }
        System.out.printf(
            "%s %d rows %s%n",
            root.relativize(file), count, HexFormat.of().formatHex(whole.digest()));
      }
    }
  }
}
