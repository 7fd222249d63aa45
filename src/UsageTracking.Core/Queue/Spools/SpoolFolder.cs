using System.Security.Cryptography;
using System.Text;
using UsageTracking.Stores;

namespace UsageTracking.Queue.Spools;

/// <summary>The spools of one store, each in a folder of its own; named by the store, never by user or password.</summary>
public sealed class SpoolFolder
{
    private const string DamagedName = "damaged";
    private const int Attempts = 5;

    /// <summary>Names the folder; creates nothing.</summary>
    /// <param name="root">Where the folders of all stores are.</param>
    /// <param name="address">The store.</param>
    public SpoolFolder(string root, StoreAddress address)
    {
        Store = address.Text;
        FolderPath = Path.Combine(Path.GetFullPath(root), NameOf(address));
    }

    /// <summary>The store's address.</summary>
    public string Store { get; }

    /// <summary>The folder.</summary>
    public string FolderPath { get; }

    /// <summary>How every spool of every store stands that is in no use by this process.</summary>
    /// <param name="root">Where the folders of all stores are.</param>
    /// <param name="known">Spools to leave out.</param>
    public static IEnumerable<SpoolStatus> List(string root, IReadOnlySet<Guid> known)
    {
        foreach (string folder in Folders(root).SelectMany(Spools))
        {
            if (!known.Contains(Guid.Parse(Path.GetFileName(folder))) && Look(folder) is { } status)
                yield return status;
        }
    }

    /// <summary>A new spool for this process. Nothing is written before its first record.</summary>
    public SpoolLog Create() => new(this);

    /// <summary>Takes over the spools whose owners are gone. Those of living processes are left alone.</summary>
    internal IReadOnlyList<SpoolLog> AdoptOrphans(IReadOnlySet<Guid> known) =>
        [.. Spools(FolderPath).Where(f => !known.Contains(Guid.Parse(Path.GetFileName(f)))).Select(TryAdopt).OfType<SpoolLog>()];

    /// <summary>How many records wait in spools whose owners are gone.</summary>
    internal long CountOrphaned(IReadOnlySet<Guid> known) =>
        Spools(FolderPath).Where(f => !known.Contains(Guid.Parse(Path.GetFileName(f)))).Select(Look).Sum(s => s is { IsLive: false } ? s.Records : 0);

    internal SpoolHome CreateHome()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Furnish(SpoolHome.Create(FolderPath, Guid.NewGuid()));
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Somebody who looks for orphans was in the folder before it was locked, and may hold it for long: another one, then.
            }
        }
    }

    internal void KeepDamaged(string file, Guid spoolId)
    {
        string folder = Path.Combine(FolderPath, DamagedName);
        OwnerOnly.CreateFolder(folder);
        File.Move(file, Path.Combine(folder, $"{spoolId}-{Path.GetFileName(file)}"), overwrite: true);
    }

    private SpoolHome Furnish(SpoolHome home)
    {
        try
        {
            new SpoolIdentity(SpoolIdentity.CurrentVersion, home.SpoolId, Store, Environment.ProcessId, Environment.MachineName, DateTimeOffset.UtcNow).Write(home.Folder);
            return home;
        }
        catch
        {
            home.Remove();
            throw;
        }
    }

    private SpoolLog? TryAdopt(string folder)
    {
        if (SpoolHome.TryTake(folder) is not { } home)
            return null;

        try
        {
            if (SpoolIdentity.Read(folder) is not { IsReadable: false })
                return new SpoolLog(this, home);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Get-UsageQueue goes on showing it.
        }

        home.Dispose();
        return null;
    }

    private static IEnumerable<string> Spools(string storeFolder) => Folders(storeFolder).Where(f => Guid.TryParse(Path.GetFileName(f), out _));

    private static string[] Folders(string parent)
    {
        try
        {
            // Those of other users are not ours to see.
            return Directory.Exists(parent)
                ? [.. Directory.EnumerateDirectories(parent, "*", new EnumerationOptions { IgnoreInaccessible = true }).Order(StringComparer.Ordinal)]
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Too many files are open, or the disk is away for the moment: the next look may find them.
            return [];
        }
    }

    private static SpoolStatus? Look(string folder)
    {
        try
        {
            SpoolIdentity? identity = SpoolIdentity.Read(folder);
            SpoolProgress progress = SpoolProgress.Read(folder);
            List<Segment> segments = [.. Segment.Find(folder).Where(s => s.Length > 0)];
            long appended = segments.Count > 0 ? SpoolReader.LastRow(segments[^1]).Row : 0;
            long stored = segments.Count > 0 ? Math.Clamp(progress.Stored, Math.Min(segments[0].FirstRow - 1, appended), appended) : 0;
            return new SpoolStatus(
                identity?.Store ?? "", Guid.Parse(Path.GetFileName(folder)), identity?.Owner ?? 0, identity?.Machine ?? "", SpoolHome.IsHeld(folder),
                appended - stored, segments.Sum(s => s.Length), SpoolReader.OldestWaiting(segments.Select(s => (s, s.Length)), stored), progress.LastError, folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Its owner has just stored everything and removed it, or it is another user's.
            return null;
        }
    }

    private static string NameOf(StoreAddress address)
    {
        string readable = address.Path is null ? $"{address.HostName}-{address.Port}-{address.Database}" : Path.GetFileName(address.Path);
        char[] safe = [.. readable.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_').Take(60)];
        // Names that differ only in what was replaced, or in the folder, are told apart.
        string digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(address.Text)))[..12].ToLowerInvariant();
        return $"{new string(safe)}-{digest}";
    }
}
