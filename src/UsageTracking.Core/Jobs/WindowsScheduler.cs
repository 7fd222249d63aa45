using System.Text;

namespace UsageTracking.Jobs;

/// <summary>The Task Scheduler of Windows; the jobs are in a folder of their own.</summary>
internal sealed class WindowsScheduler(SchedulerProgram schtasks) : IJobScheduler
{
    private const string Folder = @"\UsageTracking\";

    public string Name => WindowsTask.Scheduler;

    public string Describe(UsageJob job) => $"create the task {TaskOf(job.Name)}:\n{WindowsTask.Write(job)}";

    public async Task<IReadOnlyList<RegisteredJob>> GetAsync(CancellationToken cancel)
    {
        var jobs = new List<RegisteredJob>();
        foreach (string line in (await schtasks.RunAsync(null, ["/Query", "/FO", "CSV", "/NH"], cancel)).Split('\n'))
        {
            // "\UsageTracking\usagetracking-flush","26.11.2026 12:00:00","Ready"; with several triggers a line for each.
            if (line.Split('"') is [_, { } task, ..] && task.StartsWith(Folder, StringComparison.OrdinalIgnoreCase)
                && WindowsTask.Read(await schtasks.RunAsync(null, ["/Query", "/TN", task, "/XML"], cancel)) is { } job)
            {
                jobs.Add(job);
            }
        }

        return [.. jobs.Distinct()];
    }

    public async Task SetAsync(UsageJob job, CancellationToken cancel)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, WindowsTask.Write(job), Encoding.Unicode, cancel);
            await schtasks.RunAsync(null, ["/Create", "/TN", TaskOf(job.Name), "/XML", file, "/F"], cancel);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public async Task RemoveAsync(string name, CancellationToken cancel)
    {
        if ((await GetAsync(cancel)).Any(j => j.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            await schtasks.RunAsync(null, ["/Delete", "/TN", TaskOf(name), "/F"], cancel);
    }

    private static string TaskOf(string name) => Folder + UsageJob.FileNameOf(name);
}
