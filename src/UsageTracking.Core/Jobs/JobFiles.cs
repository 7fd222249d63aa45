namespace UsageTracking.Jobs;

/// <summary>Files in which a scheduler keeps its jobs; only those with the mark of this module are seen.</summary>
internal static class JobFiles
{
    public static IReadOnlyList<RegisteredJob> Read(string folder, string pattern, Func<string, RegisteredJob?> read) => Guard(folder, () =>
        Directory.Exists(folder)
            ? (IReadOnlyList<RegisteredJob>)[.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).Select(f => read(File.ReadAllText(f))).OfType<RegisteredJob>()]
            : []);

    public static void Write(string path, string text) => Guard(path, () =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return true;
    });

    public static void Remove(string path) => Guard(path, () =>
    {
        File.Delete(path);
        return true;
    });

    private static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(UsageErrorKind.StoreNotReady, "SchedulerFailed", $"'{path}' cannot be used: {cause.Message}", path, cause);
        }
    }
}
