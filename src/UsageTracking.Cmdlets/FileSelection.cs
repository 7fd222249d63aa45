using System.Collections.ObjectModel;
using System.Management.Automation;

namespace UsageTracking.Cmdlets;

/// <summary>Finds the files that paths name.</summary>
internal static class FileSelection
{
    /// <summary>The full paths of the files that a path with or without wildcards names.</summary>
    /// <exception cref="UsageException"><c>FileNotFound</c> or <c>NotAFile</c>.</exception>
    public static IReadOnlyList<string> Find(SessionState state, string path)
    {
        try
        {
            Collection<string> found = state.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            FileTarget.CheckProvider(provider, path);
            return found.Count > 0 ? found : throw NotFound(path, null);
        }
        catch (Exception error) when (error is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            throw NotFound(path, error);
        }
    }

    /// <summary>The full path that a path without wildcards means, whether there is such a file or not.</summary>
    /// <exception cref="UsageException"><c>FileNotFound</c> or <c>NotAFile</c>.</exception>
    public static string Literal(SessionState state, string path)
    {
        try
        {
            return FileTarget.Resolve(state, path);
        }
        catch (Exception error) when (error is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            throw NotFound(path, error);
        }
    }

    private static UsageException NotFound(string path, Exception? cause) =>
        new(UsageErrorKind.NotFound, "FileNotFound", $"There is no file '{path}'.", path, cause);
}
