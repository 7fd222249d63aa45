namespace UsageTracking.Jobs;

/// <summary>The user's crontab.</summary>
internal sealed class CronScheduler(SchedulerProgram crontab) : IJobScheduler
{
    public string Name => CronTable.Scheduler;

    public string Describe(UsageJob job) => "write to the crontab:\n" + CronTable.Entry(job);

    public async Task<IReadOnlyList<RegisteredJob>> GetAsync(CancellationToken cancel) => CronTable.Read(await ReadAsync(cancel));

    public async Task SetAsync(UsageJob job, CancellationToken cancel)
    {
        string table = await ReadAsync(cancel);
        await WriteAsync(table, CronTable.Put(table, job), cancel);
    }

    public async Task RemoveAsync(string name, CancellationToken cancel)
    {
        string table = await ReadAsync(cancel);
        await WriteAsync(table, CronTable.Remove(table, name), cancel);
    }

    private async Task<string> ReadAsync(CancellationToken cancel)
    {
        (int exitCode, string output, string error) = await crontab.TryRunAsync(null, ["-l"], cancel);
        // A user without a crontab is told so as an error. Any other error must not be taken for an empty table: it is written back.
        return exitCode != 0 && (error.Contains("no crontab", StringComparison.OrdinalIgnoreCase) || error.Contains("No such file", StringComparison.Ordinal))
            ? ""
            : exitCode == 0 ? output : await crontab.RunAsync(null, ["-l"], cancel);
    }

    private async Task WriteAsync(string before, string after, CancellationToken cancel)
    {
        if (after != before)
            await crontab.RunAsync(after, ["-"], cancel);
    }
}
