using System.Management.Automation;
using UsageTracking.Files.Archives;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Test, "UsageArchive", DefaultParameterSetName = "Path")]
[OutputType(typeof(bool))]
public sealed class TestUsageArchiveCommand : ArchiveFileCmdlet
{
    /// <inheritdoc/>
    protected override void Take(string path)
    {
        try
        {
            ArchiveManifest manifest = Wait(Task.Run(() => ArchiveCheck.RunAsync(path, Progress, Cancel)));
            WriteVerbose(FormattableString.Invariant($"'{path}': {Wording.Count(manifest.Archive.Records, "record")}, SHA-256 {manifest.Archive.Sha256}."));
            CompareWithStore(path, manifest);
            WriteObject(true);
        }
        catch (UsageException error)
        {
            WriteItemError(error, path);
            WriteObject(false);
        }
    }

    /// <summary>Says where the records are, where the store in use is the one they left and can be asked.</summary>
    private void CompareWithStore(string path, ArchiveManifest manifest)
    {
        StoredArchive? entered;
        try
        {
            StoreConnection connection = Session.Connection;
            if (Wait(connection.Store.GetStateAsync(Cancel)).StoreId != manifest.StoreId)
            {
                WriteVerbose($"'{path}' is of another store than {connection.Store.Address}.");
                return;
            }

            entered = Wait(connection.Store.FindArchiveAsync(manifest.Archive.Id, Cancel));
        }
        catch (UsageException error)
        {
            WriteVerbose($"The store could not be asked: {error.Message}");
            return;
        }

        if (entered is null)
            WriteWarning($"The records of '{path}' never left the store: the archive was cut off before they did. Delete the file and its manifest.");
        else if (entered.Sha256 != manifest.Archive.Sha256 || entered.Records != manifest.Archive.Records)
            throw ArchiveCheck.OtherThanEntered(path, entered);
        else if (entered.RestoredAt is { } restored)
            WriteVerbose(FormattableString.Invariant($"The records of '{path}' came back to the store on {restored:u}."));
    }
}
