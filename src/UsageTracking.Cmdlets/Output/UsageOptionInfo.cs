using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Output;

/// <summary>The options in force.</summary>
public sealed class UsageOptionInfo
{
    internal UsageOptionInfo(UsageOptions core)
    {
        BatchSize = core.BatchSize;
        BatchTimeout = core.BatchTimeout;
        AlertWarning = core.AlertWarning;
        AlertCritical = core.AlertCritical;
        AlertExceeded = core.AlertExceeded;
        TimeZone = core.TimeZone.Id;
        AutoCreateCustomer = core.AutoCreateCustomer;
        Durability = core.Durability.ToString();
        QueueLimit = core.QueueLimit;
        QueueFullAction = core.QueueFullAction.ToString();
        QueueFullTimeout = core.QueueFullTimeout;
        Source = new Dictionary<string, string>(core.Sources);
    }

    /// <summary>Records that wait before the background stores them at once.</summary>
    public int BatchSize { get; }

    /// <summary>How long a record waits at most.</summary>
    public TimeSpan BatchTimeout { get; }

    /// <summary>Percent of a quota at which a warning is raised.</summary>
    public decimal AlertWarning { get; }

    /// <summary>Percent of a quota at which usage is critical.</summary>
    public decimal AlertCritical { get; }

    /// <summary>Percent of a quota at which it is exceeded.</summary>
    public decimal AlertExceeded { get; }

    /// <summary>The zone of calls that name none.</summary>
    public string TimeZone { get; }

    /// <summary>Whether the first usage of a customer creates it.</summary>
    public bool AutoCreateCustomer { get; }

    /// <summary>What a record survives once it was added: Process, Machine or Strict.</summary>
    public string Durability { get; }

    /// <summary>Bytes that a process's queue may take on disk.</summary>
    public long QueueLimit { get; }

    /// <summary>What happens to a record that comes when they are taken: Block, Error or DropNewest.</summary>
    public string QueueFullAction { get; }

    /// <summary>How long it waits for room.</summary>
    public TimeSpan QueueFullTimeout { get; }

    /// <summary>Where each value came from, by name.</summary>
    public IReadOnlyDictionary<string, string> Source { get; }
}
