namespace UsageTracking;

/// <summary>What kind of failure a <see cref="UsageException"/> is; decides how it is shown and whether it is worth retrying.</summary>
public enum UsageErrorKind
{
    /// <summary>The caller's input is wrong and stays wrong.</summary>
    InvalidInput,

    /// <summary>What was named does not exist.</summary>
    NotFound,

    /// <summary>The input is well formed but contradicts what is stored.</summary>
    Conflict,

    /// <summary>The store, or a provider, cannot be reached or is busy; the same call may succeed later.</summary>
    StoreUnavailable,

    /// <summary>The store, or a provider, is reached but has no usable schema or answer, or it refuses the credentials or the right; somebody must act.</summary>
    StoreNotReady,

    /// <summary>A limit of time or room was reached.</summary>
    LimitReached,
}

/// <summary>
/// An error a user can act on: the message says what was wrong and what would be right.
/// Its <see cref="ErrorId"/> is stable, so scripts may test for it.
/// </summary>
public sealed class UsageException : Exception
{
    /// <summary>Creates an error with a stable id and the object it is about.</summary>
    public UsageException(UsageErrorKind kind, string errorId, string message, object? target = null, Exception? cause = null)
        : base(message, cause)
    {
        Kind = kind;
        ErrorId = errorId;
        Target = target;
    }

    /// <summary>What kind of failure this is.</summary>
    public UsageErrorKind Kind { get; }

    /// <summary>The stable id, such as <c>InvalidQuantity</c>.</summary>
    public string ErrorId { get; }

    /// <summary>The value the error is about, if one can be named.</summary>
    public object? Target { get; }

    internal static UsageException Invalid(string errorId, string message, object? target = null, Exception? cause = null) =>
        new(UsageErrorKind.InvalidInput, errorId, message, target, cause);
}
