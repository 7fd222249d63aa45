namespace UsageTracking.Jobs;

/// <summary>A job that a scheduler runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Task">What it does.</param>
/// <param name="Schedule">When it does it, by the clock of this computer.</param>
/// <param name="Scheduler">What runs it.</param>
/// <param name="Command">What is run, as the scheduler has it.</param>
public sealed record RegisteredJob(string Name, JobTask Task, JobSchedule Schedule, string Scheduler, string Command);
