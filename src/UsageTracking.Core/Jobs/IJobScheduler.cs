namespace UsageTracking.Jobs;

/// <summary>What runs jobs on a kind of computer. It sees and touches only jobs that were registered here.</summary>
public interface IJobScheduler
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>What registering the job would write, and where.</summary>
    /// <exception cref="UsageException"><c>InvalidJob</c>: it cannot take that job.</exception>
    string Describe(UsageJob job);

    /// <summary>The jobs it runs.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>.</exception>
    Task<IReadOnlyList<RegisteredJob>> GetAsync(CancellationToken cancel);

    /// <summary>Registers a job, in place of any of its name.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>, or <c>InvalidJob</c>: it cannot take that job.</exception>
    Task SetAsync(UsageJob job, CancellationToken cancel);

    /// <summary>Takes a job out; nothing happens where there is none.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>.</exception>
    Task RemoveAsync(string name, CancellationToken cancel);
}
