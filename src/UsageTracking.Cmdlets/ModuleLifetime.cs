using UsageTracking.Session;

namespace UsageTracking.Cmdlets;

/// <summary>What the module keeps for the whole process: importing it again finds the same store, customer and queue.</summary>
public static class ModuleLifetime
{
    // Leaving PowerShell must not hang on a store that does not answer.
    private static readonly TimeSpan LeavingPatience = TimeSpan.FromSeconds(2);

    static ModuleLifetime() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Leave(isEnd: true);

    internal static UsageSession Session { get; } = new();

    internal static KnownNames KnownNames { get; } = new(Session);

    /// <summary>Called when the module is removed from a session; the process may go on.</summary>
    public static void OnRemove() => Leave(isEnd: false);

    private static void Leave(bool isEnd)
    {
        try
        {
            Session.Shutdown(LeavingPatience, isEnd);
            long waiting = Session.Connections.Sum(c => c.Queue.Pending);
            // No cmdlet is left to say it.
            if (isEnd && waiting > 0)
                Console.Error.WriteLine(Notice(waiting));
        }
        catch (Exception error) when (error is UsageException or AggregateException)
        {
            // Nobody is left to tell.
        }
    }

    private static string Notice(long waiting) => SpoolLocator.Locate(Environment.GetEnvironmentVariable) is null
        ? $"UsageTracking: {Wording.Count(waiting, "record")} not stored when PowerShell ended, and lost, since USAGE_SPOOL is none."
        : $"UsageTracking: {Wording.Count(waiting, "record")} not stored yet. The next session that uses the store, or Invoke-UsageFlush, stores {(waiting == 1 ? "it" : "them")}.";
}
