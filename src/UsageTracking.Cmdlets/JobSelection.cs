using UsageTracking.Jobs;

namespace UsageTracking.Cmdlets;

/// <summary>Finds the jobs that names and wildcards mean.</summary>
internal static class JobSelection
{
    /// <summary>The jobs meant, each once, in their order.</summary>
    public static IEnumerable<RegisteredJob> Match(IEnumerable<string> asked, IReadOnlyList<RegisteredJob> jobs, Action<UsageException> onUnknown)
    {
        HashSet<string> names = [.. NameSelection.Match(asked, [.. jobs.Select(j => j.Name)], StringComparer.OrdinalIgnoreCase, name => onUnknown(
            new UsageException(UsageErrorKind.NotFound, "JobNotFound", $"There is no job '{name}'. Get-UsageJob lists those there are.", name)))];
        return jobs.Where(j => names.Contains(j.Name));
    }
}
