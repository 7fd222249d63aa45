namespace UsageTracking.Jobs;

/// <summary>The jobs of this user on this computer, whatever runs them.</summary>
public sealed class JobBook
{
    private readonly IReadOnlyList<IJobScheduler> _schedulers;

    private JobBook(IReadOnlyList<IJobScheduler> schedulers) => _schedulers = schedulers;

    /// <summary>What new jobs are registered with.</summary>
    public IJobScheduler Scheduler => _schedulers[0];

    /// <summary>Finds the schedulers there are.</summary>
    /// <exception cref="UsageException"><c>SchedulerNotFound</c>.</exception>
    public static async Task<JobBook> OpenAsync(CancellationToken cancel)
    {
        List<IJobScheduler> found = [];
        if (OperatingSystem.IsWindows())
        {
            if (SchedulerProgram.Find("schtasks") is { } schtasks)
                found.Add(new WindowsScheduler(schtasks));
        }
        else if (OperatingSystem.IsMacOS())
        {
            if (SchedulerProgram.Find("launchctl") is { } launchctl)
                found.Add(new LaunchdScheduler(launchctl, Path.Combine(Home, "Library", "LaunchAgents")));
        }
        else
        {
            if (SchedulerProgram.Find("systemctl") is { } systemctl && await SystemdScheduler.AnswersAsync(systemctl, cancel))
                found.Add(new SystemdScheduler(systemctl, Path.Combine(ConfigurationFolder, "systemd", "user")));

            if (SchedulerProgram.Find("crontab") is { } crontab)
                found.Add(new CronScheduler(crontab));
        }

        return found.Count > 0 ? new JobBook(found) : throw new UsageException(
            UsageErrorKind.NotFound, "SchedulerNotFound", "There is nothing here that runs jobs: neither a systemd of the user's own that answers, nor crontab on the PATH. Install cron, or log in on a computer with systemd.");
    }

    /// <summary>All jobs, by name.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>.</exception>
    public async Task<IReadOnlyList<RegisteredJob>> GetAsync(CancellationToken cancel)
    {
        var jobs = new List<RegisteredJob>();
        foreach (IJobScheduler scheduler in _schedulers)
            jobs.AddRange(await scheduler.GetAsync(cancel));

        return [.. jobs.OrderBy(j => j.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Registers a job, in place of any of its name.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>, or <c>InvalidJob</c>: the scheduler cannot take it.</exception>
    public async Task<RegisteredJob> SetAsync(UsageJob job, CancellationToken cancel)
    {
        await Scheduler.SetAsync(job, cancel);
        // Where it was registered before with another one, it would run twice.
        foreach (IJobScheduler other in _schedulers.Skip(1))
            await other.RemoveAsync(job.Name, cancel);

        return (await Scheduler.GetAsync(cancel)).FirstOrDefault(j => j.Name.Equals(job.Name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException(UsageErrorKind.StoreNotReady, "SchedulerFailed", $"{Scheduler.Name} took the job, and does not have it.", job.Name);
    }

    /// <summary>Takes a job out.</summary>
    /// <exception cref="UsageException"><c>SchedulerFailed</c>.</exception>
    public async Task RemoveAsync(string name, CancellationToken cancel)
    {
        foreach (IJobScheduler scheduler in _schedulers)
            await scheduler.RemoveAsync(name, cancel);
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    private static string ConfigurationFolder =>
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } folder ? folder : Path.Combine(Home, ".config");
}
