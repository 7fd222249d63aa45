@{
    Severity     = @('Error', 'Warning', 'Information')
    ExcludeRules = @(
        # Only the build scripts write to the host: they talk to whoever runs them.
        'PSAvoidUsingWriteHost'
        # It does not see that functions and script blocks use a script's parameters.
        'PSReviewUnusedParameter'
        # Short calls with their first arguments by position read better.
        'PSAvoidUsingPositionalParameters'
        # PowerShell 7 reads UTF-8 without it, and .editorconfig asks for that.
        'PSUseBOMForUnicodeEncodedFile'
    )
}
