namespace UsageTracking.Session;

/// <summary>The settings that a project of nself keeps in its file <c>.env</c>.</summary>
internal static class ProjectFile
{
    private const string FileName = ".env";

    /// <summary>The value a project's file gives a name, without quotes; null where there is none.</summary>
    public static string? Read(string folder, string name)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? File.ReadLines(path).Select(line => ValueOf(line, name)).LastOrDefault(value => value is not null) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A file that this user may not read is not for this user.
            return null;
        }
    }

    private static string? ValueOf(string line, string name)
    {
        string[] parts = line.Split('=', 2);
        if (parts.Length < 2 || parts[0].Replace("export ", "", StringComparison.Ordinal).Trim() != name)
            return null;

        string value = parts[1].Trim();
        if (value is ['"' or '\'', ..] && value.IndexOf(value[0], 1) is > 0 and int end)
            return value[1..end];

        int comment = value.IndexOf(" #", StringComparison.Ordinal);
        value = (comment < 0 ? value : value[..comment]).TrimEnd();
        return value.Length > 0 ? value : null;
    }
}
