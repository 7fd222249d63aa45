using UsageTracking.Stores;

namespace UsageTracking.Copies;

/// <summary>What a copy would do.</summary>
/// <param name="From">The id of the store that is copied.</param>
/// <param name="Summary">What is in it.</param>
/// <param name="Resumes">Whether it goes on with one that did not finish.</param>
public sealed record CopyPlan(Guid From, CopySummary Summary, bool Resumes);
