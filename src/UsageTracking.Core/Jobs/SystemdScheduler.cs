namespace UsageTracking.Jobs;

/// <summary>Timers of the user's own systemd.</summary>
internal sealed class SystemdScheduler(SchedulerProgram systemctl, string folder) : IJobScheduler
{
    public string Name => SystemdUnits.Scheduler;

    public string Describe(UsageJob job) =>
        $"write {ServiceOf(job.FileName)}:\n{SystemdUnits.Service(job)}\nand {TimerOf(job.FileName)}:\n{SystemdUnits.Timer(job)}";

    /// <summary>Whether the user has a systemd that answers; in a container, or by way of su, there is none.</summary>
    public static async Task<bool> AnswersAsync(SchedulerProgram systemctl, CancellationToken cancel) =>
        (await systemctl.TryRunAsync(null, ["--user", "show-environment"], cancel)).ExitCode == 0;

    public Task<IReadOnlyList<RegisteredJob>> GetAsync(CancellationToken cancel) =>
        Task.FromResult(JobFiles.Read(folder, UsageJob.FileNameOf("*.service"), SystemdUnits.Read));

    public async Task SetAsync(UsageJob job, CancellationToken cancel)
    {
        JobFiles.Write(ServiceOf(job.FileName), SystemdUnits.Service(job));
        JobFiles.Write(TimerOf(job.FileName), SystemdUnits.Timer(job));
        await systemctl.RunAsync(null, ["--user", "daemon-reload"], cancel);
        await systemctl.RunAsync(null, ["--user", "enable", job.FileName + ".timer"], cancel);
        // One that runs already goes on by its old times otherwise.
        await systemctl.RunAsync(null, ["--user", "restart", job.FileName + ".timer"], cancel);
    }

    public async Task RemoveAsync(string name, CancellationToken cancel)
    {
        if (!(await GetAsync(cancel)).Any(j => j.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            return;

        string file = UsageJob.FileNameOf(name);
        await systemctl.RunAsync(null, ["--user", "disable", "--now", file + ".timer"], cancel);
        JobFiles.Remove(TimerOf(file));
        JobFiles.Remove(ServiceOf(file));
        await systemctl.RunAsync(null, ["--user", "daemon-reload"], cancel);
    }

    private string ServiceOf(string file) => Path.Combine(folder, file + ".service");

    private string TimerOf(string file) => Path.Combine(folder, file + ".timer");
}
