namespace UsageTracking.Session;

/// <summary>Finds where records wait on disk.</summary>
public static class SpoolLocator
{
    /// <summary>Names the folder of all spools; <c>none</c> keeps records in memory instead.</summary>
    public const string Variable = "USAGE_SPOOL";

    /// <summary>The folder of all spools; null where there are to be none.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static string? Locate(Func<string, string?> environment) => environment(Variable) switch
    {
        { Length: > 0 } none when none.Equals("none", StringComparison.OrdinalIgnoreCase) => null,
        { Length: > 0 } folder => StoreLocator.ExpandHome(folder),
        _ => Path.Combine(Path.GetDirectoryName(StoreLocator.DefaultPath)!, "spool"),
    };
}
