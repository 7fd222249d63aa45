namespace UsageTracking.Files.Archives;

/// <summary>The names of archives.</summary>
public static class ArchivePath
{
    private const string Gzip = ".gz";

    /// <summary>The manifest beside an archive.</summary>
    public static string ManifestOf(string path) => path + ".manifest.json";

    /// <summary>Whether the name says that the file is packed.</summary>
    public static bool IsPacked(string path) => path.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase);

    /// <summary>The format that the name says.</summary>
    /// <exception cref="UsageException"><c>UnknownFormat</c>.</exception>
    public static ArchiveFormat FormatOf(string path) =>
        Path.GetExtension(Unpacked(path)).ToLowerInvariant() switch
        {
            ".csv" => ArchiveFormat.Csv,
            ".ndjson" or ".jsonl" => ArchiveFormat.Ndjson,
            _ => throw UsageException.Invalid("UnknownFormat",
                $"'{path}' says no format of an archive. Let it end in .csv, .ndjson or .jsonl, or in one of these and .gz.", path),
        };

    /// <summary>The end of the name that says the format, such as .csv.gz.</summary>
    internal static string ExtensionOf(string path) => Path.GetExtension(Unpacked(path)) + (IsPacked(path) ? Gzip : "");

    /// <summary>A path in a folder, made of the time, that no archive has yet.</summary>
    public static string NewIn(string folder, DateTimeOffset now)
    {
        string name = FormattableString.Invariant($"usage_archive_{now:yyyyMMdd_HHmmss}");
        for (int i = 1; ; i++)
        {
            string path = Path.Combine(folder, FormattableString.Invariant($"{name}{(i == 1 ? "" : $"_{i}")}.csv.gz"));
            if (!File.Exists(path) && !File.Exists(ManifestOf(path)))
                return path;
        }
    }

    private static string Unpacked(string path) => IsPacked(path) ? path[..^Gzip.Length] : path;
}
