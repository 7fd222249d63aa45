namespace UsageTracking.Jobs;

/// <summary>What is worth doing from time to time.</summary>
public enum JobTask
{
    /// <summary>Stores what sessions left in their queues.</summary>
    Flush,

    /// <summary>Raises alerts.</summary>
    AlertCheck,

    /// <summary>Counts what other programs recorded.</summary>
    Summary,

    /// <summary>Moves old records to a file.</summary>
    Archive,

    /// <summary>Draws the burn-downs anew.</summary>
    Chart,
}
