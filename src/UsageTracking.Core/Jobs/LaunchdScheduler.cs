namespace UsageTracking.Jobs;

/// <summary>Agents of the user's launchd, on macOS.</summary>
internal sealed class LaunchdScheduler(SchedulerProgram launchctl, string folder) : IJobScheduler
{
    public string Name => LaunchAgent.Scheduler;

    public string Describe(UsageJob job) => $"write {FileOf(job.Name)}:\n{LaunchAgent.Write(job)}";

    public Task<IReadOnlyList<RegisteredJob>> GetAsync(CancellationToken cancel) =>
        Task.FromResult(JobFiles.Read(folder, UsageJob.FileNameOf("*.plist"), LaunchAgent.Read));

    public async Task SetAsync(UsageJob job, CancellationToken cancel)
    {
        await RemoveAsync(job.Name, cancel);
        JobFiles.Write(FileOf(job.Name), LaunchAgent.Write(job));
        await launchctl.RunAsync(null, ["load", "-w", FileOf(job.Name)], cancel);
    }

    public async Task RemoveAsync(string name, CancellationToken cancel)
    {
        if (!(await GetAsync(cancel)).Any(j => j.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            return;

        // One that is not loaded is as good as unloaded.
        await launchctl.TryRunAsync(null, ["unload", "-w", FileOf(name)], cancel);
        JobFiles.Remove(FileOf(name));
    }

    private string FileOf(string name) => Path.Combine(folder, UsageJob.FileNameOf(name) + ".plist");
}
