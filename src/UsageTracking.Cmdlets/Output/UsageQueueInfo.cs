using UsageTracking.Queue.Spools;

namespace UsageTracking.Cmdlets.Output;

/// <summary>Records on their way to one store, in the queue of one process.</summary>
public sealed class UsageQueueInfo
{
    internal UsageQueueInfo(SpoolStatus core)
    {
        Store = core.Store;
        SpoolId = core.SpoolId;
        Owner = core.Owner;
        Machine = core.Machine;
        State = core.IsLive ? UsageQueueState.Live : UsageQueueState.Orphan;
        Records = core.Records;
        Bytes = core.Bytes;
        Oldest = core.Oldest;
        LastError = core.LastError;
        Path = core.Folder;
    }

    /// <summary>The store they go to.</summary>
    public string Store { get; }

    /// <summary>The queue's name in the store.</summary>
    public Guid SpoolId { get; }

    /// <summary>The id of the process whose queue it is, or was.</summary>
    public int Owner { get; }

    /// <summary>The machine of that process.</summary>
    public string Machine { get; }

    /// <summary>Whether that process is alive.</summary>
    public UsageQueueState State { get; }

    /// <summary>How many wait.</summary>
    public long Records { get; }

    /// <summary>Bytes on disk.</summary>
    public long Bytes { get; }

    /// <summary>When the oldest of them was added.</summary>
    public DateTimeOffset? Oldest { get; }

    /// <summary>Why the last attempt to store failed; null once one succeeds.</summary>
    public string? LastError { get; }

    /// <summary>The folder they wait in; null where nothing was written to one.</summary>
    public string? Path { get; }
}
