# flashsim for the CTest of your own project: a firmware that loses its power, as a test.
#
#   include(FlashsimTest)
#   flashsim_test(NAME counter_survives SCENARIO scenarios/counter.json TARGET counter)
#
# NAME      of the test
# SCENARIO  one file or folder, or several; relative to the current source folder
# TARGET    the firmware, an executable target: "image": "firmware:counter" in a scenario is counter.elf
# ARGS      more options for flashsim test, as --raw
# TIMEOUT   seconds (300)
#
# Each test leaves NAME.xml (JUnit) and NAME.json (for reports/report.py) in the folder flashsim of the build. What
# fails and what proves nothing both fail the test; what it says names the line that replays the failure.
#
# The program is looked for in PATH; -DFLASHSIM=/path/to/flashsim names another.

include_guard(GLOBAL)

find_program(FLASHSIM flashsim DOC "flashsim, which runs firmware and cuts its power")

function(flashsim_test)
    cmake_parse_arguments(PARSE_ARGV 0 F "" "NAME;TARGET;TIMEOUT" "SCENARIO;ARGS")
    if(NOT FLASHSIM)
        message(FATAL_ERROR "flashsim_test: no flashsim in PATH: -DFLASHSIM=/path/to/flashsim")
    endif()
    if(NOT F_NAME OR NOT F_SCENARIO OR NOT F_TARGET OR F_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "flashsim_test(NAME name SCENARIO file... TARGET firmware "
            "[ARGS option...] [TIMEOUT seconds]): ${ARGV}")
    endif()
    if(NOT TARGET ${F_TARGET})
        message(FATAL_ERROR "flashsim_test: ${F_TARGET} is no target of this project")
    endif()
    # A scenario's "firmware:NAME" is the file NAME.elf.
    get_target_property(suffix ${F_TARGET} SUFFIX)
    get_target_property(output ${F_TARGET} OUTPUT_NAME)
    if(NOT suffix)
        set(suffix "${CMAKE_EXECUTABLE_SUFFIX}")
    endif()
    if(NOT output)
        set(output ${F_TARGET})
    endif()
    if(NOT "${output}${suffix}" MATCHES "\\.elf$")
        message(FATAL_ERROR "flashsim_test: ${F_TARGET} is built as \"${output}${suffix}\", and \"firmware:${F_TARGET}\" "
            "means ${F_TARGET}.elf: set_target_properties(${F_TARGET} PROPERTIES SUFFIX .elf)")
    endif()
    set(scenarios)
    foreach(scenario IN LISTS F_SCENARIO)
        get_filename_component(path ${scenario} ABSOLUTE)
        if(NOT EXISTS ${path})
            message(FATAL_ERROR "flashsim_test: ${path} is not there")
        endif()
        list(APPEND scenarios ${path})
    endforeach()
    if(NOT F_TIMEOUT)
        set(F_TIMEOUT 300)
    endif()
    set(results ${CMAKE_CURRENT_BINARY_DIR}/flashsim)
    get_filename_component(folder ${results}/${F_NAME} DIRECTORY) # a name may be group/one
    file(MAKE_DIRECTORY ${folder})
    add_test(NAME ${F_NAME} COMMAND ${FLASHSIM} test ${scenarios}
        --firmware $<TARGET_FILE_DIR:${F_TARGET}>
        --junit ${results}/${F_NAME}.xml --json ${results}/${F_NAME}.json ${F_ARGS})
    set_tests_properties(${F_NAME} PROPERTIES LABELS flashsim TIMEOUT ${F_TIMEOUT}
        REQUIRED_FILES $<TARGET_FILE:${F_TARGET}>)
endfunction()
