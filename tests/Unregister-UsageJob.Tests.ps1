BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

# What each scheduler keeps is tested with Register-UsageJob.
Describe 'Unregister-UsageJob' -Skip:(-not $IsLinux) {
    BeforeAll {
        . $PSScriptRoot/JobTable.ps1
        Use-JobTable
    }
    BeforeEach { Reset-JobTable }
    AfterAll { $env:PATH = $path }

    It 'takes names in any case, and wildcards' {
        Unregister-UsageJob FLUSH
        (Get-UsageJob).Name | Should -Be Chart, flush-b
        Unregister-UsageJob *
        Get-Content $table | Should -Be '0 0 * * * mine'
        Unregister-UsageJob x*
    }

    It 'takes objects with a name, and writes nothing' {
        [pscustomobject]@{ Name = 'chart' } | Unregister-UsageJob | Should -BeNullOrEmpty
        Get-UsageJob | Unregister-UsageJob
        Get-Content $table | Should -Be '0 0 * * * mine'
    }

    It 'has an error for each name of no job, and goes on' {
        Unregister-UsageJob nosuch, Flush -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'JobNotFound,*'
        $problem.TargetObject | Should -Be nosuch
        (Get-UsageJob).Name | Should -Be Chart, flush-b
    }
}
