using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Health;

/// <summary>The checks that need no store: what waits on this machine, and the disks and files it waits on.</summary>
internal static class LocalHealth
{
    private const long Gigabyte = 1L << 30;
    private const double LeastShare = 0.05;

    public static IEnumerable<UsageHealth> Read(StoreAddress address, IReadOnlyList<SpoolStatus> spools, string? spoolRoot)
    {
        yield return CheckOrphans(address, spools, spoolRoot);
        if (CheckDisks(address, spoolRoot) is { } disks)
            yield return disks;

        // On Windows they have the rights of the user's own folder.
        if (!OperatingSystem.IsWindows())
            yield return CheckRights(address, spoolRoot);
    }

    /// <summary>Whether that little is left.</summary>
    internal static bool IsShort(long free, long total) => free < Gigabyte || free < total * LeastShare;

    private static UsageHealth CheckOrphans(StoreAddress address, IReadOnlyList<SpoolStatus> spools, string? spoolRoot)
    {
        // In the folder that sessions look in: this process may hold on to others, from before it was given another folder.
        SpoolStatus[] orphans = [.. spools.Where(s => !s.IsLive && s.Records > 0 && IsIn(spoolRoot, s.Folder))];
        if (orphans.Length == 0)
            return UsageHealth.Good("OrphanedQueues", "none");

        SpoolStatus[] elsewhere = [.. orphans.Where(s => s.Store != address.Text)];
        string others = elsewhere.Length == 0 ? "" : $", {Wording.Count(elsewhere.Sum(s => s.Records), "record")} of them for {string.Join(", ", elsewhere.Select(s => s.Store).Distinct())}";
        // The connected store's first: with it no password is asked for.
        string connect = elsewhere.Length < orphans.Length ? "" : FixText.Connect(elsewhere[0].Store) + "; ";
        return UsageHealth.Bad(
            "OrphanedQueues", $"{Wording.Count(orphans.Sum(s => s.Records), "record")} wait in {Wording.Count(orphans.Length, "queue")} of dead sessions{others}",
            $"{connect}Invoke-UsageFlush");
    }

    private static bool IsIn(string? root, string? folder) =>
        root is not null && folder is not null && Path.GetFullPath(folder).StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static UsageHealth? CheckDisks(StoreAddress address, string? spoolRoot)
    {
        (string What, (long Free, long Total)? Room, string Fix)[] all =
        [
            ("the store", RoomOf(Path.GetDirectoryName(address.Path)), "Invoke-UsageArchive"),
            ("the queues", RoomOf(spoolRoot), "Invoke-UsageFlush"),
        ];
        (string What, (long Free, long Total) Room, string Fix)[] known = [.. all.Where(d => d.Room is not null).Select(d => (d.What, d.Room!.Value, d.Fix))];
        if (known.Length == 0)
            return null;

        string found = string.Join("; ", known.Select(d => FormattableString.Invariant(
            $"{(double)d.Room.Free / Gigabyte:0.0} GiB ({100 * (double)d.Room.Free / d.Room.Total:0} %) free for {d.What}")));
        string[] fixes = [.. known.Where(d => IsShort(d.Room.Free, d.Room.Total)).Select(d => d.Fix)];
        return fixes.Length == 0 ? UsageHealth.Good("DiskRoom", found) : UsageHealth.Bad("DiskRoom", found, fixes[0]);
    }

    private static (long Free, long Total)? RoomOf(string? folder)
    {
        // What does not exist yet will be where its parent is.
        string? existing = folder is null ? null : Path.GetFullPath(folder);
        while (existing is not null && !Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing);

        if (existing is null)
            return null;

        try
        {
            var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(existing)! : existing);
            return drive.TotalSize > 0 ? (drive.AvailableFreeSpace, drive.TotalSize) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share of a network says nothing of its disk.
            return null;
        }
    }

    private static UsageHealth CheckRights(StoreAddress address, string? spoolRoot)
    {
        string[] files = address.Path is { } path ? [.. new[] { path, path + "-wal", path + "-shm" }.Where(File.Exists)] : [];
        string[] folders = spoolRoot is not null && Directory.Exists(spoolRoot) ? [Path.GetFullPath(spoolRoot), .. Inside(spoolRoot)] : [];
        string[] open = [.. folders.Concat(files).Where(IsOpen)];
        return open.Length == 0
            ? UsageHealth.Good("FileRights", "store and queues are readable by their owner only")
            : UsageHealth.Bad("FileRights", $"others have rights on {string.Join(", ", open)}", $"chmod -R go= {string.Join(' ', open.Select(FixText.Quote))}");
    }

    private static bool IsOpen(string path)
    {
        try
        {
            return OwnerOnly.IsExposed(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has just gone.
            return false;
        }
    }

    private static string[] Inside(string folder)
    {
        try
        {
            return Directory.GetDirectories(Path.GetFullPath(folder), "*", new EnumerationOptions { IgnoreInaccessible = true });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
