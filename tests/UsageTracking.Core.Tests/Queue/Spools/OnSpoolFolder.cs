using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Tests.Queue.Spools;

/// <summary>Tests on the files alone: a folder of spools for a store that need not exist.</summary>
public abstract class OnSpoolFolder : IDisposable
{
    // Segments of at most 4 KiB.
    protected static readonly QueueSettings Small = QueueSettings.Default with { Limit = 16 * 1024, FullAction = FullAction.Error };

    protected OnSpoolFolder() => Folder = FolderIn(Root);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected string Root { get; } = Directory.CreateTempSubdirectory("usage-spool-").FullName;

    protected SpoolFolder Folder { get; }

    public void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static SpoolFolder FolderIn(string root) => new(root, StoreAddress.ForFile("/data/usage.db"));
}
