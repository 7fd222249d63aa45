using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Files.Archives;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Restore, "UsageArchive", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
[OutputType(typeof(UsageArchiveInfo))]
public sealed class RestoreUsageArchiveCommand : ArchiveFileCmdlet
{
    private StoreConnection _connection = null!;

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _connection = Session.Connection;
        Wait(_connection.PrepareAsync(Cancel));
    }

    /// <inheritdoc/>
    protected override void Take(string path)
    {
        IUsageStore store = _connection.Store;
        StoredArchive archive = Wait(Task.Run(() => ArchiveRestore.FindAsync(store, path, Progress, Cancel)));
        if (!ShouldProcess(path, FormattableString.Invariant($"restore {Wording.Count(archive.Records, "record")} to {store.Address}")))
            return;

        long restored = WaitAndClean(Task.Run(() => ArchiveRestore.RunAsync(store, archive, Progress, Cancel)));
        if (restored < archive.Records)
            WriteWarning($"{Wording.Count(archive.Records - restored, "record")} of customers that were removed since stayed away.");

        WriteObject(new UsageArchiveInfo(Wait(store.FindArchiveAsync(archive.Id, Cancel))! with { Path = path }));
    }
}
