using System.Collections.ObjectModel;
using System.Management.Automation;

namespace UsageTracking.Cmdlets;

/// <summary>Files that cmdlets write, as the session names and shows them.</summary>
internal static class FileTarget
{
    /// <summary>The full path of a file that need not exist; a relative one starts at the session's location.</summary>
    /// <exception cref="UsageException"><c>NotAFile</c>: the path is of no file system.</exception>
    public static string Resolve(SessionState session, string path)
    {
        string full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        CheckProvider(provider, path);
        return full;
    }

    /// <summary>Refuses a path of anything but a file system.</summary>
    /// <exception cref="UsageException"><c>NotAFile</c>.</exception>
    public static void CheckProvider(ProviderInfo provider, string path)
    {
        if (provider.Name != "FileSystem")
            throw new UsageException(UsageErrorKind.InvalidInput, "NotAFile", $"'{path}' is in {provider.Name}. Name a file.", path);
    }

    /// <summary>The provider's own object, which shows its mode and owner as Get-Item's does.</summary>
    public static Collection<PSObject> Item(SessionState session, FileInfo file) =>
        session.InvokeProvider.Item.Get([file.FullName], force: true, literalPath: true);
}
