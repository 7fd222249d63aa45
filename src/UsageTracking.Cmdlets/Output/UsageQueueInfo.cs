using UsageTracking.Queue;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Output;

/// <summary>Records on their way to one store.</summary>
public sealed class UsageQueueInfo
{
    internal UsageQueueInfo(StoreConnection connection)
    {
        QueueStatus status = connection.Queue.Status;
        Store = connection.Store.Address.Text;
        SpoolId = status.SpoolId;
        Owner = Environment.ProcessId;
        Records = status.Records;
        Oldest = status.Oldest;
        LastError = status.LastError?.Message;
    }

    /// <summary>The store they go to.</summary>
    public string Store { get; }

    /// <summary>The queue's name in the store.</summary>
    public Guid SpoolId { get; }

    /// <summary>The process that holds them.</summary>
    public int Owner { get; }

    /// <summary>How many wait.</summary>
    public long Records { get; }

    /// <summary>When the oldest of them was added.</summary>
    public DateTimeOffset? Oldest { get; }

    /// <summary>Why the last attempt to store failed; null once one succeeds.</summary>
    public string? LastError { get; }
}
