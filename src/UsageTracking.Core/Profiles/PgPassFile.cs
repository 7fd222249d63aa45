using System.Text;

namespace UsageTracking.Profiles;

/// <summary>
/// The password file of PostgreSQL: lines of host, port, database, user and password, of which the first that fits counts.
/// Lines that are not asked about stay byte for byte. See https://www.postgresql.org/docs/current/libpq-pgpass.html
/// </summary>
internal static class PgPassFile
{
    private const byte LineEnd = (byte)'\n';

    /// <summary>Where it is unless something says otherwise.</summary>
    public static string DefaultPath => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql", "pgpass.conf")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pgpass");

    /// <summary>What the line for exactly that user on that database begins with.</summary>
    public static string Key(string host, int port, string database, string user) =>
        FormattableString.Invariant($"{Escape(host)}:{port}:{Escape(database)}:{Escape(user)}:");

    /// <summary>The password in the line of that key, as it is written there; null where there is none.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>, <c>SecretFileExposed</c>.</exception>
    public static string? Find(string path, string key) =>
        Lines(path).Where(l => IsOf(l, key)).Select(l => Encoding.UTF8.GetString(l.AsSpan(key.Length)).TrimEnd('\r', '\n')).FirstOrDefault();

    /// <summary>Writes the line of that key, in place of the one that is there.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>, <c>SecretFileExposed</c>.</exception>
    public static void Set(string path, string key, string password)
    {
        List<byte[]> lines = [.. Lines(path)];
        byte[] line = Encoding.UTF8.GetBytes(key + Escape(password) + (char)LineEnd);
        int index = lines.FindIndex(l => IsOf(l, key));
        // A line of wildcards before it would hide it.
        if (index < 0)
            lines.Insert(0, line);
        else
            lines[index] = line;

        ProfileFile.Write(path, [.. lines.SelectMany(l => l)]);
    }

    /// <summary>Removes the line of that key.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>, <c>SecretFileExposed</c>.</exception>
    public static void Remove(string path, string key)
    {
        List<byte[]> lines = [.. Lines(path)];
        int index = lines.FindIndex(l => IsOf(l, key));
        if (index < 0)
            return;

        lines.RemoveAt(index);
        ProfileFile.Write(path, [.. lines.SelectMany(l => l)]);
    }

    public static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static bool IsOf(byte[] line, string key) => line.AsSpan().StartsWith(Encoding.UTF8.GetBytes(key));

    /// <summary>The lines with what ends them.</summary>
    private static IEnumerable<byte[]> Lines(string path)
    {
        byte[] content = ProfileFile.Read(path, isSecret: true);
        for (int start = 0; start < content.Length;)
        {
            int end = Array.IndexOf(content, LineEnd, start);
            int next = end < 0 ? content.Length : end + 1;
            yield return content[start..next];
            start = next;
        }
    }
}
